#include "drive_flags.hpp"

#include <cstdint>
#include <optional>
#include <string>

#include "headgate/core/text.hpp"

namespace headgate::loadgen {
namespace {

struct DriveFlags {
  std::optional<std::uint32_t> pipeline;
  std::string requests_per_connection;
  std::string on_saturation;
  std::string replay;
  std::optional<double> speed;
  std::string data;
  std::string spin = "auto";
};

DriveFlags& drive_flags() {
  static DriveFlags flags;
  return flags;
}

}  // namespace

void add_drive_flags(CLI::App& command) {
  DriveFlags& set = drive_flags();
  command
      .add_option("--pipeline", set.pipeline,
                  "requests under way at once on each connection (default: 1)")
      ->check(CLI::Range(1, 256));
  command.add_option("--requests-per-connection", set.requests_per_connection,
                     "close a connection after so many (default: never)");
  command
      .add_option("--on-saturation", set.on_saturation,
                  "a request that finds every connection taken waits (queue, the default), is not "
                  "sent (drop), or has failed (fail)")
      ->check(CLI::IsMember({"queue", "drop", "fail"}));
  command.add_option("--replay", set.replay,
                     "send what this file recorded, at its times: access log, CSV "
                     "(time,method,path,body) or HAR");
  command.add_option("--speed", set.speed, "replay so many times faster (default: 1)")
      ->check(CLI::Range(1e-6, 1e6));
  command
      .add_option(
          "--spin", set.spin,
          "whether to stay awake until the next request is due: auto does for the last 50 us "
          "where a core is free")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->capture_default_str();
  command.add_option("--data", set.data, "CSV whose cells fill {data.COLUMN} in requests");
}

Result<void> apply_drive_flags(config::LoadPlan& plan) {
  const DriveFlags& set = drive_flags();
  if (set.pipeline) plan.pipeline = *set.pipeline;
  if (!set.requests_per_connection.empty()) {
    const auto count = parse_count(set.requests_per_connection);
    if (!count) return std::unexpected(count.error());
    if (*count < 1) {
      return failed(Errc::kInvalidArgument, "--requests-per-connection", "is at least 1");
    }
    plan.requests_per_connection = static_cast<std::uint64_t>(*count);
  }
  if (set.on_saturation == "queue") plan.on_saturation = config::Saturation::kQueue;
  if (set.on_saturation == "drop") plan.on_saturation = config::Saturation::kDrop;
  if (set.on_saturation == "fail") plan.on_saturation = config::Saturation::kFail;
  if (!set.replay.empty()) {
    auto recording = config::read_recording_file(set.replay);
    if (!recording) return std::unexpected(recording.error());
    if (plan.replay) recording->arrivals.speed = plan.replay->arrivals.speed;
    plan.replay = *std::move(recording);
  }
  if (set.speed) {
    if (!plan.replay) {
      return failed(Errc::kInvalidArgument, "--speed", "belongs to --replay FILE");
    }
    plan.replay->arrivals.speed = *set.speed;
  }
  if (!set.data.empty()) {
    auto table = config::read_data_file(set.data);
    if (!table) return std::unexpected(table.error());
    plan.data = *std::move(table);
  }
  return {};
}

load::Spin spin_flag() {
  const std::string& spin = drive_flags().spin;
  if (spin == "always") return load::Spin::kAlways;
  return spin == "never" ? load::Spin::kNever : load::Spin::kAuto;
}

}  // namespace headgate::loadgen
