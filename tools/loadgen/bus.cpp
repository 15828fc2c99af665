// `loadgen bus`: load for a topic or a queue, from flags, a plan, or a plan with flags over it.
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.hpp"
#include "flag_values.hpp"
#include "headgate/arrival/catalog.hpp"
#include "headgate/config/bus_plan.hpp"
#include "headgate/core/text.hpp"
#include "headgate/load/messages/exports.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "outputs.hpp"
#include "signals.hpp"

namespace headgate::loadgen {
namespace {

namespace messages = load::messages;

struct BusFlags {
  std::string plan;
  std::string store;
  std::string durability;
  std::string topic;
  std::string queue;
  std::string workload;
  std::optional<std::uint32_t> topics;
  std::optional<std::uint32_t> partitions;
  std::optional<std::uint32_t> producers;
  std::optional<std::uint32_t> groups;
  std::optional<std::uint32_t> consumers;
  std::string size;
  std::string rate;
  std::string arrival = "constant";
  std::optional<std::uint32_t> inflight;
  std::string duration;
  std::string count;
  std::string backlog;
  std::string warmup;
  std::string drain;
  std::string linger;
  std::string memory;
  std::string lease;
  std::optional<std::uint32_t> max_deliveries;
  std::string nack;
  std::vector<std::string> expect;
  std::string json;
  std::string csv;
  std::string junit;
  std::optional<std::uint64_t> seed;
};

BusFlags& bus_flags() {
  static BusFlags flags;
  return flags;
}

Result<std::uint64_t> parse_whole(const std::string& text) {
  const auto value = parse_count(text);
  if (!value) return std::unexpected(value.error());
  if (*value == 0) return failed(Errc::kInvalidArgument, text, "it must be more than none");
  return static_cast<std::uint64_t>(*value);
}

Result<config::Durability> parse_word(const std::string& text) {
  if (text == "memory") return config::Durability::kMemory;
  if (text == "os") return config::Durability::kOs;
  if (text == "disk") return config::Durability::kDisk;
  return failed(Errc::kInvalidArgument, text, "durability is memory, os or disk");
}

/// The workload's words go over the plan's, so its parts there are let go of.
void set_shape(const BusFlags& flags, config::BusPlan& plan) {
  if (!flags.workload.empty()) {
    plan.workload = flags.workload;
    plan.topics = plan.partitions = plan.producers = plan.groups = plan.consumers = std::nullopt;
    plan.size = std::nullopt;
    plan.arrivals = std::nullopt;
  }
  if (flags.topics) plan.topics = flags.topics;
  if (flags.partitions) plan.partitions = flags.partitions;
  if (flags.producers) plan.producers = flags.producers;
  if (flags.groups) plan.groups = flags.groups;
  if (flags.consumers) plan.consumers = flags.consumers;
  if (flags.inflight) plan.inflight = *flags.inflight;
  if (flags.max_deliveries) plan.max_deliveries = *flags.max_deliveries;
  if (flags.seed) plan.seed = *flags.seed;
  if (!flags.topic.empty()) plan.topic = flags.topic;
  if (!flags.queue.empty()) plan.queue = flags.queue;
}

Result<void> apply_bus(const BusFlags& flags, config::BusPlan& plan) {
  set_shape(flags, plan);
  for (const Result<void>& applied :
       {put("--store", flags.store, config::parse_store, plan.store),
        put("--durability", flags.durability, parse_word, plan.durability),
        put("--size", flags.size, parse_bytes, plan.size),
        put("--duration", flags.duration, parse_duration, plan.duration),
        put("--messages", flags.count, parse_whole, plan.count),
        put("--backlog", flags.backlog, parse_whole, plan.backlog),
        put("--warmup", flags.warmup, parse_duration, plan.warmup),
        put("--drain", flags.drain, parse_duration, plan.drain),
        put("--linger", flags.linger, parse_duration, plan.linger),
        put("--memory", flags.memory, parse_bytes, plan.memory),
        put("--lease", flags.lease, parse_duration, plan.lease),
        put("--nack", flags.nack, parse_share, plan.nack),
        put_arrivals(flags.rate, flags.arrival, plan.arrivals),
        put_expectations(flags.expect, plan.expect)}) {
    if (!applied) return applied;
  }
  return {};
}

/// Complains and returns nothing if flags and plan make no job.
std::optional<messages::Job> read_bus(const BusFlags& flags) {
  auto plan = flags.plan.empty() ? std::optional{config::BusPlan{}}
                                 : accept(config::bus_plan_file(flags.plan));
  if (!plan) return std::nullopt;
  if (const auto applied = apply_bus(flags, *plan); !applied) {
    complain(applied.error());
    return std::nullopt;
  }
  auto job = messages::Job::prepare(*plan);
  if (job) return *std::move(job);
  complain(job.error());
  return std::nullopt;
}

void watch_bus(messages::Run& run) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  std::uint64_t before = 0;
  for (int step = 1; !run.wait_for(std::chrono::milliseconds{100}); ++step) {
    if (interrupted()) run.interrupt();
    if (!terminal || step % 10 != 0) continue;
    const std::uint64_t published = run.published();
    const std::uint64_t consumed = run.consumed();
    std::fprintf(stderr, "\r%4d s  %llu published, %llu/s, backlog %llu ", step / 10,
                 static_cast<unsigned long long>(published),
                 static_cast<unsigned long long>(published - before),
                 static_cast<unsigned long long>(published - std::min(published, consumed)));
    before = published;
  }
  if (terminal) std::fprintf(stderr, "\r\033[K");
}

void add_shape_flags(CLI::App& command, BusFlags& set) {
  command.add_option("--plan", set.plan, "bus plan, YAML or JSON; flags override it");
  command.add_option("--store", set.store,
                     "memory, journal:DIR or kafka:HOST:PORT (default: memory)");
  command.add_option("--durability", set.durability,
                     "of an answer: memory, os or disk (default: memory; journal disk; Kafka os)");
  command.add_option("--topic", set.topic, "topic to drive (default: headgate-load)");
  command.add_option("--queue", set.queue, "queue to drive instead: lease, then ack");
  command.add_option("--workload", set.workload,
                     "an OpenMessaging name, such as 1-topic-16-partitions-1kb-4p-4c-200k");
  command.add_option("--topics", set.topics, "topics alike (default: 1)")
      ->check(CLI::Range(1, 1024));
  command.add_option("--partitions", set.partitions, "of each topic (default: 1)")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--producers", set.producers, "of each topic (default: 1)")
      ->check(CLI::Range(1, 1024));
  command.add_option("--groups", set.groups, "each gets every message (default: 1)")
      ->check(CLI::Range(1, 1024));
  command
      .add_option("--consumers", set.consumers,
                  "of each group and topic, or of the queue; 0: nobody reads (default: 1)")
      ->check(CLI::Range(0, 1024));
  command.add_option("--size", set.size, "of each message, 32B or more (default: 1KiB)");
}

void add_pace_flags(CLI::App& command, BusFlags& set) {
  command.add_option("-R,--rate", set.rate,
                     "open loop at this rate, such as 10k/s (default: as fast as it goes)");
  command.add_option("--arrival", set.arrival, "how the open loop's messages come")
      ->check(CLI::IsMember(arrival::open_arrivals()))
      ->capture_default_str();
  command
      .add_option("--inflight", set.inflight,
                  "unanswered messages of each producer (default: 1000)")
      ->check(CLI::Range(1, 1'000'000));
  command.add_option("-d,--duration", set.duration, "of publishing, such as 15s (default: 10s)");
  command.add_option("-n,--messages", set.count, "publish this many, such as 100k");
  command.add_option("--backlog", set.backlog,
                     "publish this many while nobody reads, then drain them");
  command.add_option("--warmup", set.warmup, "left out of latencies and rates, such as 2s");
  command.add_option("--drain", set.drain,
                     "without a message at the end, before consumers give up (default: 5s)");
}

void add_store_flags(CLI::App& command, BusFlags& set) {
  command.add_option("--linger", set.linger, "how long Kafka's client gathers (default: 5ms)");
  command.add_option("--memory", set.memory, "what the memory store may hold (default: 1GiB)");
  command.add_option("--lease", set.lease, "of a queue's message (default: 30s)");
  command
      .add_option("--max-deliveries", set.max_deliveries,
                  "of a queue's message; then it is dead (default: 5)")
      ->check(CLI::Range(1, 1'000'000));
  command.add_option("--nack", set.nack, "share of a queue's deliveries to give back, such as 1%");
  command.add_option("--expect", set.expect,
                     "such as 'publish_time.p99 < 5ms'; exit 1 if it fails; may be repeated");
  command.add_option("--json", set.json, "write the result document to this file");
  command.add_option("--csv", set.csv, "write one row for each second here");
  command.add_option(
      "--junit", set.junit,
      "write the accounts and expectations here, as test cases that CI servers read");
  command.add_option("--seed", set.seed, "of the schedule and all choices (default: 1)");
}

bool files_can_be_written(const BusFlags& flags) {
  const bool json = can_write(flags.json);
  const bool csv = can_write(flags.csv);
  return can_write(flags.junit) && json && csv;
}

/// All that was asked for, also if one of them fails.
bool write_files(const messages::Summary& summary, const BusFlags& flags) {
  const bool json = write(flags.json, [&] { return report::to_text(messages::to_json(summary)); });
  const bool csv = write(flags.csv, [&] { return messages::csv_text(summary); });
  return write(flags.junit, [&] { return messages::junit_text(summary); }) && json && csv;
}

}  // namespace

CLI::App* add_bus(CLI::App& app) {
  CLI::App* command = app.add_subcommand("bus", "drive load at a topic or a queue");
  add_shape_flags(*command, bus_flags());
  add_pace_flags(*command, bus_flags());
  add_store_flags(*command, bus_flags());
  command->footer(
      "Publish time counts from the intended time of a message to the store's answer, end to end "
      "to\n"
      "its consumer's having it. Every message is numbered: exit 1 if one was lost, came twice, "
      "out\n"
      "of order or damaged.\n\n"
      "Examples:\n"
      "  loadgen bus --store memory -R 10k/s -d 2s\n"
      "  loadgen bus --store journal:build/bus --durability disk --producers 4 -n 100k --size "
      "100B\n"
      "  loadgen bus --queue work --consumers 4 --nack 1% -R 2k/s -d 2s\n"
      "  loadgen bus --backlog 100k --groups 2 --json bus.json");
  return command;
}

ExitCode bus(const std::vector<std::string>& command) {
  auto job = read_bus(bus_flags());
  if (!job || !files_can_be_written(bus_flags())) return ExitCode::kUsage;
  report::Manifest manifest = report::collect_manifest(command);
  auto store = messages::Store::open(job->plan, job->producers());
  if (!store) {
    complain(store.error());
    return store.error().code == Errc::kUnavailable ? ExitCode::kUnreachable : ExitCode::kUsage;
  }
  const messages::Kept kept{.store = (*store)->kind(),
                            .durability = std::string{(*store)->durability()}};
  catch_signals();
  const auto started = messages::Run::start(*job, *std::move(store));
  if (!started) {
    complain(started.error());
    const Errc code = started.error().code;
    return code == Errc::kUnavailable || code == Errc::kTimeout ? ExitCode::kUnreachable
                                                                : ExitCode::kUsage;
  }
  watch_bus(**started);
  const messages::Summary summary =
      messages::summarise((*started)->finish(), *job, kept, std::move(manifest));
  std::fputs(messages::to_text(summary, report::colour_wanted(STDOUT_FILENO)).c_str(), stdout);
  std::fflush(stdout);
  return write_files(summary, bus_flags()) ? messages::exit_code(summary) : ExitCode::kUsage;
}

}  // namespace headgate::loadgen
