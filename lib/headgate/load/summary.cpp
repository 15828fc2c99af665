#include "headgate/load/summary.hpp"

#include <fmt/format.h>

#include <utility>

#include "headgate/core/text.hpp"

namespace headgate::load {
namespace {

const stats::Histogram* timing(const Tally& tally, std::string_view name) {
  if (name == "response_time") return &tally.response_time;
  if (name == "service_time") return &tally.service_time;
  if (name == "send_lag") return &tally.send_lag;
  if (name == "connect_time") return &tally.connect_time;
  if (name == "tls_time") return &tally.tls_time;
  if (name == "first_byte_time") return &tally.first_byte_time;
  return nullptr;
}

std::string describe(const Job& job) {
  std::string pace = "closed loop";
  if (const arrival::Arrivals* open = job.open_arrivals()) {
    pace = fmt::format("open loop, {} {}", open->name(), to_text(open->rate().value_or(Rate{})));
  }
  const auto plural = [](std::uint32_t n) { return n == 1 ? "" : "s"; };
  return fmt::format("{}, {} connection{}, {} thread{}", pace, job.connections,
                     plural(job.connections), job.threads, plural(job.threads));
}

}  // namespace

std::optional<double> metric_of(const Measured& measured, std::string_view name) {
  const Tally& tally = measured.tally;
  if (const auto dot = name.find('.'); dot != std::string_view::npos) {
    const stats::Histogram* histogram = timing(tally, name.substr(0, dot));
    if (histogram == nullptr) return std::nullopt;
    return timing_figure(*histogram, name.substr(dot + 1));
  }
  if (name == "offered") return measured.per_second(tally.totals.scheduled);
  if (name == "throughput") return measured.per_second(tally.answered_in_time);
  if (name == "goodput") return measured.per_second(tally.ok_in_time);
  if (tally.totals.scheduled == 0) return std::nullopt;
  const auto share = [&tally](std::uint64_t part) {
    return static_cast<double>(part) / static_cast<double>(tally.totals.scheduled);
  };
  if (name == "refused_share") return share(tally.totals.refused);
  if (name == "failed_share") return share(tally.totals.failed);
  if (name == "timed_out_share") return share(tally.totals.timed_out);
  if (name == "attempts_per_request") return 1;
  return std::nullopt;
}

bool is_measured(std::string_view name) {
  // Of a run with one request in each of its timings, every metric there is has a value.
  static const Measured one = [] {
    Measured made;
    Recorder recorder{1};
    recorder.begin(TimePoint{}, TimePoint{} + std::chrono::seconds{1});
    const Due due;
    const Flight flight{.due = due, .sent = TimePoint{} + Duration{1}};
    recorder.due(due);
    recorder.sent(flight, TimePoint{});
    recorder.answered(flight, TimePoint{} + Duration{2}, {.status = 200});
    made.tally = recorder.tally();
    made.window = std::chrono::seconds{1};
    return made;
  }();
  return metric_of(one, name).has_value();
}

Summary summarise(Measured measured, const Job& job, const std::vector<stats::Expectation>& expect,
                  report::Manifest manifest) {
  Summary summary{.measured = std::move(measured),
                  .targets = {},
                  .causes = {},
                  .expect = {},
                  .load = describe(job),
                  .seed = job.seed,
                  .manifest = std::move(manifest)};
  for (const Target& target : job.targets()) summary.targets.push_back(target.name);
  summary.causes = causes_of_invalidity(summary.measured.evidence);
  judge(summary, expect);
  return summary;
}

void judge(Summary& summary, const std::vector<stats::Expectation>& expect) {
  summary.expect = judge_by(
      [&summary](std::string_view name) { return metric_of(summary.measured, name); }, expect);
}

ExitCode exit_code(const Summary& summary) noexcept {
  if (!summary.causes.empty()) return ExitCode::kInvalid;
  return all_passed(summary.expect) ? ExitCode::kYes : ExitCode::kNo;
}

}  // namespace headgate::load
