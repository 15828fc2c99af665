// `sim admit`: one limit alone, or several that decide as one: what they say to each request of a
// trace.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "headgate/config/policy_document.hpp"
#include "headgate/sim/admit_replay.hpp"
#include "sim/commands.hpp"
#include "sim/replay.hpp"

namespace headgate::sim_tool {
namespace {

struct AdmitArguments {
  std::string policy;
  std::string trace;
};

ExitCode admit(const AdmitArguments& arguments) {
  const auto policy = config::load_limit_policy_file(arguments.policy);
  print(policy.diagnostics);
  if (!policy.ok()) return ExitCode::kUsage;
  auto admits = sim::AdmitReplay::make(policy.value.limits);
  if (!admits) {
    return refuse({.code = admits.error().code,
                   .where = fmt::format("{}: {}", arguments.policy, admits.error().where),
                   .why = admits.error().why});
  }
  return run(
      {.path = arguments.trace,
       .header = sim::AdmitReplay::kHeader,
       .out_header = admits->row_header(),
       .answer = [&](std::string_view line, std::string& out) { return admits->take(line, out); }});
}

constexpr const char* kAdmitFooter =
    "FILE is {rate_limit: {algorithm: NAME, …}} or {rate_limits: [{…}, …]}, which decide as one;\n"
    "`sim policies` lists the algorithms. The trace is CSV with the header t_ns,key,cost. Times "
    "may\n"
    "go back; time 0 is 1970-01-01T00:00Z. The key is any text: the caller, whatever the limit's\n"
    "`key` says; limits with `key: global` see one caller. Cost 0 only looks: what would a "
    "request\n"
    "of cost 1 be answered? Cost -n gives n back (a concurrency limit's request has ended; "
    "another\n"
    "one's was not carried out) and then looks.\n"
    "Output is CSV: t_ns,key,cost,admitted,reason,remaining,retry_after_ns,reset_after_ns, and\n"
    "delay_ns if a limit is a leaky_queue. admitted is 1 or 0; a time of -1: never, or not "
    "known.\n\n"
    "Exit codes: 0 done, 2 unreadable input, 3 interrupted.\n\n"
    "Example:\n"
    "  sim admit --policy scenarios/policies/token_bucket.yaml --trace "
    "scenarios/policies/burst.csv";

}  // namespace

void add_admit(CLI::App& app, Outcome& outcome) {
  CLI::App* command =
      app.add_subcommand("admit", "One limit alone: what it says to each request of a trace");
  auto arguments = std::make_shared<AdmitArguments>();
  command->add_option("--policy", arguments->policy, "The limit or limits, YAML or JSON")
      ->required();
  command->add_option("--trace", arguments->trace, "The requests: t_ns,key,cost")->required();
  command->footer(kAdmitFooter);
  command->callback([arguments, &outcome] { outcome.code = admit(*arguments); });
}

}  // namespace headgate::sim_tool
