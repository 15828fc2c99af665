// `gwctl topic tail|stat NAME`: the events and the figures of a topic, from outside the gateway.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "gwctl/commands.hpp"
#include "gwctl/follow.hpp"
#include "headgate/bus/event.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/core/rfc3339.hpp"
#include "headgate/gateway/topic_view.hpp"

namespace headgate::gwctl {
namespace {

using gateway::TopicView;

struct TopicArguments {
  std::string topic;
  std::string config;
  std::string from = "begin";
  std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  bool follow = false;
  bool json = false;
};

ExitCode report(const Error& error) {
  fmt::print(stderr, "gwctl: {}: {}\n", error.where, error.why);
  const bool away = error.code == Errc::kUnavailable || error.code == Errc::kTimeout;
  return away ? ExitCode::kUnreachable : ExitCode::kUsage;
}

/// The view that the arguments ask for; says why not otherwise.
std::optional<TopicView> open(const TopicArguments& arguments, ExitCode& code) {
  const auto loaded = config::load_gateway_file(arguments.config);
  if (!loaded.ok()) {
    for (const auto& each : loaded.diagnostics) fmt::print(stderr, "{}\n", to_text(each));
    code = loaded.readable ? ExitCode::kNo : ExitCode::kUsage;
    return std::nullopt;
  }
  auto view = TopicView::open(loaded.value, arguments.topic);
  if (view) return *std::move(view);
  code = report(view.error());
  return std::nullopt;
}

Result<std::uint64_t> first_offset(const std::string& from, const messaging::Watermarks& marks) {
  if (from == "begin") return marks.begin;
  if (from == "end") return marks.end;
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), offset);
  if (error == std::errc{} && end == from.data() + from.size()) return offset;
  return failed(Errc::kInvalidArgument, "--from " + from, "must be begin, end or an offset");
}

void print_event(const messaging::StoredRecord& stored, const TopicArguments& arguments) {
  const bus::Event event = gateway::event_of(stored, arguments.topic);
  if (arguments.json) {
    // What decode() took, encode() takes, but for data that is no JSON and says that it is.
    const auto line = bus::encode(event);
    fmt::print("{}\n", line ? *line : stored.record.value);
    return;
  }
  fmt::print("{:>8}  {}  {}  {}  {}\n", stored.offset,
             event.time ? to_rfc3339(*event.time) : std::string{"-"}, event.type,
             event.subject.value_or("-"), event.data.value_or("-"));
}

/// Prints what is there from `next` on, at most `left` events; both are moved on.
Result<void> print_news(TopicView& view, const TopicArguments& arguments, std::uint64_t& next,
                        std::uint64_t& left) {
  while (left > 0) {
    constexpr std::uint64_t kAtOnce = 1000;
    const auto records = view.read(next, {.max_records = std::min(left, kAtOnce)});
    if (!records) return std::unexpected(records.error());
    if (records->empty()) break;
    for (const auto& stored : *records) print_event(stored, arguments);
    next = records->back().offset + 1;
    left -= records->size();
  }
  std::fflush(stdout);
  return {};
}

Result<void> tail(TopicView& view, const TopicArguments& arguments) {
  std::optional<Follow> follow;
  if (arguments.follow)
    follow.emplace(view.folder());  // before the first look: no change is missed
  const auto marks = view.watermarks();
  if (!marks) return std::unexpected(marks.error());
  auto next = first_offset(arguments.from, *marks);
  if (!next) return std::unexpected(next.error());
  std::uint64_t left = arguments.max;
  for (;;) {
    if (auto printed = print_news(view, arguments, *next, left); !printed) return printed;
    constexpr Duration kPause = std::chrono::milliseconds{250};
    if (left == 0 || !follow || !follow->wait(kPause)) return {};
    if (auto fresh = view.refresh(); !fresh) return fresh;
  }
}

void print_facts(const gateway::TopicFacts& facts, const TopicArguments& arguments) {
  const auto [begin, end, synced] = facts.marks;
  if (!arguments.json) {
    fmt::print("topic       {}\nstore       {} ({}, durability {})\n", arguments.topic, facts.store,
               facts.kind, facts.durability);
    fmt::print("begin       {}\nend         {}\nsynced      {}\nrecords     {}\n", begin, end,
               synced, end - begin);
    if (facts.bytes) fmt::print("bytes       {}\n", *facts.bytes);
    if (facts.segments) fmt::print("segments    {} of the store\n", *facts.segments);
    for (const auto& [name, position] : facts.consumers) {
      fmt::print("consumer    {} at {}, {} behind\n", name, position,
                 end - std::min(end, position));
    }
    return;
  }
  nlohmann::ordered_json json{{"format", "headgate.topic/1"},
                              {"topic", arguments.topic},
                              {"store", facts.store},
                              {"kind", facts.kind},
                              {"durability", facts.durability},
                              {"begin", begin},
                              {"end", end},
                              {"synced", synced},
                              {"records", end - begin}};
  if (facts.bytes) json["bytes"] = *facts.bytes;
  if (facts.segments) json["segments"] = *facts.segments;
  json["consumers"] = nlohmann::ordered_json::object();
  for (const auto& [name, position] : facts.consumers) {
    json["consumers"][name] = {{"position", position}, {"lag", end - std::min(end, position)}};
  }
  fmt::print("{}\n", json.dump());
}

ExitCode run_tail(const TopicArguments& arguments) {
  ExitCode code = ExitCode::kYes;
  auto view = open(arguments, code);
  if (!view) return code;
  const auto done = tail(*view, arguments);
  return done ? ExitCode::kYes : report(done.error());
}

ExitCode run_stat(const TopicArguments& arguments) {
  ExitCode code = ExitCode::kYes;
  const auto view = open(arguments, code);
  if (!view) return code;
  const auto facts = view->facts();
  if (!facts) return report(facts.error());
  print_facts(*facts, arguments);
  return ExitCode::kYes;
}

CLI::App* add_command(CLI::App& topic, const char* name, const char* what,
                      const std::shared_ptr<TopicArguments>& arguments) {
  CLI::App* command = topic.add_subcommand(name, what);
  command->add_option("NAME", arguments->topic, "A topic, queue or dead letter topic")->required();
  command->add_option("--config", arguments->config, "The gateway's config")->required();
  return command;
}

}  // namespace

void add_topic(CLI::App& app, Outcome& outcome) {
  CLI::App* topic = app.add_subcommand("topic", "Look at a topic, beside a gateway or after it");
  topic->require_subcommand(1);
  auto arguments = std::make_shared<TopicArguments>();

  CLI::App* tail =
      add_command(*topic, "tail", "Print the events of a topic, one a line", arguments);
  tail->add_option("--from", arguments->from, "begin, end or an offset")->capture_default_str();
  tail->add_option("--max", arguments->max, "Stop after that many events");
  tail->add_flag("--follow", arguments->follow, "Wait for more until Ctrl-C");
  tail->add_flag("--json", arguments->json, "Each event as CloudEvents JSON");
  tail->footer(
      "Exit codes: 0 done, 1 the config has errors, 2 no such topic or an unreadable store,\n"
      "5 the broker does not answer.\n\n"
      "Examples:\n  gwctl topic tail requests --config gateway.yaml --json\n"
      "  gwctl topic tail requests --config gateway.yaml --from end --follow");
  tail->callback([arguments, &outcome] { outcome.code = run_tail(*arguments); });

  CLI::App* stat = add_command(*topic, "stat", "Print the figures of a topic", arguments);
  stat->add_flag("--json", arguments->json, "As one JSON object");
  stat->footer(
      "Exit codes: as of tail.\n\n"
      "Examples:\n  gwctl topic stat requests --config gateway.yaml --json");
  stat->callback([arguments, &outcome] { outcome.code = run_stat(*arguments); });
}

}  // namespace headgate::gwctl
