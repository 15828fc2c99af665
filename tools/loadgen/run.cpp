// `loadgen run`: load from flags, a plan, or a plan with flags over it.
#include <optional>

#include "commands.hpp"
#include "drive_flags.hpp"
#include "flag_values.hpp"
#include "fleet.hpp"
#include "headgate/config/load_plan.hpp"
#include "headgate/core/text.hpp"
#include "headgate/load/summary.hpp"
#include "outputs.hpp"
#include "plan_flags.hpp"
#include "scenario_plan.hpp"
#include "signals.hpp"
#include "transport_flags.hpp"
#include "watch.hpp"

namespace headgate::loadgen {
namespace {

struct Flags {
  PlanFlags plan;
  ScenarioChoice scenario;
  std::vector<std::string> urls;
  std::string duration;
  std::string requests;
  std::vector<std::string> expect;
  bool progress = false;
  Outputs outputs;
};

Flags& flags() {
  static Flags flags;
  return flags;
}

Result<void> apply(const Flags& flags, config::LoadPlan& plan) {
  const auto count = [](const std::string& text) -> Result<std::uint64_t> {
    const auto value = parse_count(text);
    if (!value) return std::unexpected(value.error());
    return static_cast<std::uint64_t>(*value);
  };
  for (const Result<void>& applied :
       {put_targets(flags.urls, plan),
        put("--duration", flags.duration, parse_duration, plan.duration),
        put("--requests", flags.requests, count, plan.count), apply_plan_flags(flags.plan, plan),
        put_expectations(flags.expect, plan.expect), apply_drive_flags(plan),
        apply_transport_flags(plan)}) {
    if (!applied) return applied;
  }
  return {};
}

/// The plan of the file or the scenario, if there is one, with the flags over it; complains and
/// returns nothing if that is no plan.
std::optional<config::LoadPlan> read(const Flags& flags) {
  auto plan = flags.scenario.file.empty() ? read_plan_file(flags.plan.plan)
                                          : plan_of_scenario(flags.scenario);
  if (!plan) return std::nullopt;
  if (const auto applied = apply(flags, *plan); !applied) {
    complain(applied.error());
    return std::nullopt;
  }
  return plan;
}

/// The run, here or by agents.
Result<load::Summary> drive(const load::Job& job, const config::LoadPlan& plan,
                            report::Manifest manifest) {
  if (agents_wanted()) {
    return run_with_agents(job, flags().plan.plan, std::move(manifest), flags().progress);
  }
  const auto run = load::Run::connect(job);
  if (!run) return std::unexpected(run.error());
  if (const auto gone = let_go(**run); !gone) return std::unexpected(gone.error());
  if (on_standby()) {
    tell_seconds(**run);
  } else {
    watch(**run, job, flags().progress);
  }
  return load::summarise((*run)->finish(), job, plan.expect, std::move(manifest));
}

}  // namespace

CLI::App* add_run(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "drive load at a target and measure it");
  Flags& set = flags();
  command->add_option("--url,url", set.urls,
                      "http(s)://HOST:PORT/PATH or unix:/SOCKET[:/PATH]; may be repeated");
  add_plan_flags(*command, set.plan);
  CLI::Option* const scenario = command->add_option(
      "--scenario", set.scenario.file,
      "take arrivals, requests, timeout and expectations from a scenario of sim");
  scenario->excludes("--plan");
  command
      ->add_option("--at", set.scenario.at,
                   "the point of its sweep, such as load=0.9,policy=random")
      ->needs(scenario);
  command->add_option("--set", set.scenario.set, "PATH=VALUE in the scenario; may be repeated")
      ->needs(scenario);
  command->add_option("-d,--duration", set.duration, "such as 15s (default: 10s, without -n)");
  command->add_option("-n,--requests", set.requests, "send this many, such as 100k");
  add_rate_flags(*command, set.plan, "constant");
  add_drive_flags(*command);
  add_fleet_flags(*command);
  command->add_option("--expect", set.expect,
                      "such as 'response_time.p99 < 20ms'; exit 1 if it fails; may be repeated");
  command->add_flag("--progress", set.progress,
                    "a line each second on stderr, where that is no terminal");
  add_options(*command, set.outputs);
  add_transport_flags(*command);
  command->footer(
      "Without a rate the loop is closed: each client sends when its last answer is there. With "
      "one\n"
      "it is open: requests fall due whatever the target does, and response time counts from "
      "then.\n"
      "The timeout does too. A request that is under way at the end may take 1 s more.\n\n"
      "Examples (beside `loadgen serve --bind 127.0.0.1:9001 --time exponential:2ms`):\n"
      "  loadgen run --url http://127.0.0.1:9001/ --rate 200/s --arrival poisson -d 2s\n"
      "  loadgen run --url http://127.0.0.1:9001/ -c 8 -n 2000 --json result.json\n"
      "  loadgen run --url http://127.0.0.1:9001/ -R 500/s -d 5s --html result.html\n"
      "  loadgen run --url http://127.0.0.1:9001/ -R 100/s -d 2s --expect 'failed_share < 0.1%'");
  return command;
}

ExitCode run(const std::vector<std::string>& command) {
  const auto plan = read(flags());
  if (!plan || !can_write(flags().outputs)) return ExitCode::kUsage;
  auto job = load::Job::prepare(*plan);
  if (!job) {
    complain(job.error());
    return job.error().code == Errc::kUnavailable ? ExitCode::kUnreachable : ExitCode::kUsage;
  }
  if (const auto sliced = take_slice(*job); !sliced) {
    complain(sliced.error());
    return ExitCode::kUsage;
  }
  catch_signals();
  job->spin = spin_flag();
  report::Manifest manifest = report::collect_manifest(command);
  const auto summary = drive(*job, *plan, std::move(manifest));
  if (!summary) {
    complain(summary.error());
    const bool usage = summary.error().code == Errc::kInvalidArgument;
    return usage ? ExitCode::kUsage : ExitCode::kUnreachable;
  }
  return show(*summary, flags().outputs);
}

}  // namespace headgate::loadgen
