// `sim pick`: one balancer alone: which targets it picks for a number of requests, for keys, or for
// a trace of arrivals and completions.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "headgate/config/policy_document.hpp"
#include "headgate/core/text.hpp"
#include "headgate/report/lines.hpp"
#include "headgate/sim/pick_replay.hpp"
#include "sim/commands.hpp"
#include "sim/interrupt.hpp"
#include "sim/replay.hpp"

namespace headgate::sim_tool {
namespace {

struct PickArguments {
  std::string policy;
  std::string count;
  std::string keys;
  std::string trace;
  std::uint64_t seed = 1;
};

/// Each request has a key of its own: its number.
ExitCode pick_count(sim::PickReplay& picks, const std::string& text) {
  const auto count = parse_count(text);
  if (!count) return refuse({.where = "--count " + text, .why = count.error().why});
  note_interrupts();
  report::BufferedOutput output(STDOUT_FILENO);
  for (std::int64_t i = 0; i < *count && !is_interrupted(); ++i) {
    output.text().append(picks.pick(std::to_string(i))).append("\n");
    if (const auto written = output.flush_if_large(); !written) return refuse(written.error());
  }
  if (const auto written = output.flush(); !written) return refuse(written.error());
  if (!is_interrupted()) return ExitCode::kYes;
  fmt::print(stderr, "sim: interrupted\n");
  return ExitCode::kInconclusive;
}

ExitCode pick_keys(sim::PickReplay& picks, const std::string& path) {
  return run({.path = path,
              .header = {},
              .out_header = {},
              .answer = [&](std::string_view line, std::string& out) -> Result<void> {
                out.append(picks.pick(line)).append("\n");
                return {};
              }});
}

ExitCode pick_trace(sim::PickReplay& picks, const std::string& path) {
  return run({.path = path,
              .header = sim::PickReplay::kHeader,
              .out_header = {},
              .answer = [&](std::string_view line, std::string& out) -> Result<void> {
                const auto taken = picks.take(line);
                if (!taken) return std::unexpected(taken.error());
                if (*taken) out.append(**taken).append("\n");
                return {};
              }});
}

ExitCode pick(const PickArguments& arguments) {
  const auto policy = config::load_balance_policy_file(arguments.policy);
  print(policy.diagnostics);
  if (!policy.ok()) return ExitCode::kUsage;
  auto picks = sim::PickReplay::make(policy.value, arguments.seed);
  if (!picks) {
    return refuse({.code = picks.error().code,
                   .where = fmt::format("{}: balance.{}", arguments.policy, picks.error().where),
                   .why = picks.error().why});
  }
  if (!arguments.trace.empty()) return pick_trace(*picks, arguments.trace);
  if (!arguments.keys.empty()) return pick_keys(*picks, arguments.keys);
  if (!arguments.count.empty()) return pick_count(*picks, arguments.count);
  return refuse({.where = "pick", .why = "needs one of --count, --keys and --trace"});
}

constexpr const char* kPickFooter =
    "FILE is {balance: {policy: NAME, …}, targets: [{name: a, weight: 5}, …]}; `sim policies` "
    "lists\n"
    "the balancers. Output: the name of one target per line, - where none is available.\n"
    "With --count and --keys requests stay in flight. A trace says when they end; it is CSV with "
    "the\n"
    "header t_ns,event,id,key and these events:\n"
    "  arrival      request `id` needs a target: one line of output; `key` is for hash policies\n"
    "  completion   request `id` was answered, the time since its arrival is its latency\n"
    "  failure      the same, and its target is to blame\n"
    "  abandoned    its client left: nothing is learned from it\n"
    "  down, up     target `id` fails its health checks, or passes them again\n\n"
    "Exit codes: 0 done, 2 unreadable input, 3 interrupted.\n\n"
    "Examples:\n"
    "  sim pick --policy scenarios/policies/two_choices.yaml --count 10\n"
    "  sim pick --policy scenarios/policies/two_choices.yaml --trace scenarios/policies/calls.csv";

}  // namespace

void add_pick(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand("pick", "One balancer alone: which targets it picks");
  auto arguments = std::make_shared<PickArguments>();
  command->add_option("--policy", arguments->policy, "The balancer and its targets, YAML or JSON")
      ->required();
  command->add_option("--count", arguments->count,
                      "This many requests (20, 10k), each with a key of its own");
  CLI::Option* keys =
      command->add_option("--keys", arguments->keys, "One request per line: its key");
  command->add_option("--trace", arguments->trace, "Arrivals and completions, see below")
      ->excludes(keys);
  command->add_option("--seed", arguments->seed, "Of every draw")->capture_default_str();
  command->footer(kPickFooter);
  command->callback([arguments, &outcome] { outcome.code = pick(*arguments); });
}

}  // namespace headgate::sim_tool
