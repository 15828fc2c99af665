// `sim run FILE`: carries out a scenario, prints what came out and answers by its expectations.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/results.hpp"
#include "headgate/sim/shard.hpp"
#include "sim/commands.hpp"
#include "sim/outputs.hpp"
#include "sim/scenario_file.hpp"

namespace headgate::sim_tool {
namespace {

struct RunArguments {
  ScenarioArguments scenario;
  std::string shard;
  Outputs outputs;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::string> command;
};

std::atomic<bool> run_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

void on_run_interrupt(int /*signal*/) { run_interrupted = true; }

// Progress goes to a terminal only: one line that overwrites itself, and is gone at the end.
class ProgressLine {
 public:
  void show(const sim::Progress& progress) {
    if (!on_) return;
    // What is left takes as long a share as what is done has taken.
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - started_;
    const double left_s = passed.count() * (1 - progress.share) / progress.share;
    fmt::print(stderr, "\r\033[K{}, {:.0f} % done, about {:.0f} s left", progress.text,
               progress.share * 100, left_s);
  }
  ~ProgressLine() {
    if (on_) std::fputs("\r\033[K", stderr);
  }
  ProgressLine() = default;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  bool on_ = isatty(STDERR_FILENO) == 1;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
};

// Runs `work` with options that show progress and end early when asked to.
template <class Work>
auto interruptible(unsigned threads, const Work& work) {
  std::signal(SIGINT, on_run_interrupt);
  std::signal(SIGTERM, on_run_interrupt);
  ProgressLine line;
  return work(sim::ExperimentOptions{
      .threads = threads, .stop = &run_interrupted, .progress = [&](const sim::Progress& progress) {
        line.show(progress);
      }});
}

ExitCode run_shard(const RunArguments& arguments, const config::Scenario& scenario) {
  const auto shard = sim::parse_shard(arguments.shard);
  if (!shard) {
    fmt::print(stderr, "sim: --shard {} {}\n", arguments.shard, shard.error().why);
    return ExitCode::kUsage;
  }
  if (arguments.outputs.json.empty()) {
    fmt::print(stderr, "sim: --shard needs --json FILE: a part is for sim merge\n");
    return ExitCode::kUsage;
  }
  const auto settings = settings_of(arguments.scenario);
  const auto part = interruptible(arguments.threads, [&](const sim::ExperimentOptions& options) {
    return sim::run_shard(scenario, *settings, *shard, options);
  });
  if (!part) {
    complain(scenario, part.error());
    return part.error().code == Errc::kTimeout ? ExitCode::kInconclusive : ExitCode::kUsage;
  }
  if (const auto written = report::write_file(arguments.outputs.json, report::to_text(*part));
      !written) {
    fmt::print(stderr, "sim: {}: {}\n", written.error().where, written.error().why);
    return ExitCode::kUsage;
  }
  return ExitCode::kYes;
}

ExitCode run_scenario(const RunArguments& arguments) {
  const auto scenario = load_scenario(arguments.scenario);
  if (!scenario) return ExitCode::kUsage;
  if (!arguments.shard.empty()) return run_shard(arguments, *scenario);
  const auto results = interruptible(arguments.threads, [&](const sim::ExperimentOptions& options) {
    return sim::run_experiment(*scenario, options);
  });
  if (!results) {
    complain(*scenario, results.error());
    return ExitCode::kUsage;
  }
  fmt::print("{}", sim::results_text(*results, {.colour = report::colour_wanted(STDOUT_FILENO)}));
  std::fflush(stdout);  // before any complaint, also where both go to one pipe
  const auto written =
      write(*results, arguments.outputs, arguments.command, arguments.threads, run_interrupted);
  if (!written) {
    fmt::print(stderr, "sim: {}: {}\n", written.error().where, written.error().why);
    return ExitCode::kUsage;
  }
  return results->exit_code();
}

}  // namespace

void add_run(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand("run", "Carry out a scenario and judge its expectations");
  auto arguments = std::make_shared<RunArguments>();
  command->add_option("FILE", arguments->scenario.file, "The scenario, YAML or JSON")->required();
  add_options(*command, arguments->outputs);
  add_settings(*command, arguments->scenario);
  command->add_option("--shard", arguments->shard,
                      "PART/PARTS: only this part of the replications; --json then writes a part "
                      "for sim merge");
  command
      ->add_option("--threads", arguments->threads,
                   "Threads for replications; the results are the same for any number")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "Exit codes: 0 as expected, 1 an expectation failed, 2 usage or unreadable input,\n"
      "3 inconclusive: an interval is too wide to say.\n\n"
      "Examples:\n"
      "  sim run scenarios/mm1.yaml\n"
      "  sim run scenarios/mm1.yaml --set 'run={jobs: 20k}' --seed 7\n"
      "  sim run scenarios/balancers.yaml --json balancers.json --threads 2\n"
      "  sim run scenarios/mm1.yaml --csv mm1.csv --junit mm1.xml --html mm1.html");
  command->callback([arguments, &outcome] {
    arguments->command = outcome.command;
    outcome.code = run_scenario(*arguments);
  });
}

}  // namespace headgate::sim_tool
