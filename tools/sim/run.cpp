// `sim run FILE`: carries out a scenario, prints what came out and answers by its expectations.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/results.hpp"
#include "sim/commands.hpp"
#include "sim/outputs.hpp"

namespace headgate::sim_tool {
namespace {

struct Arguments {
  std::string file;
  Outputs outputs;
  std::vector<std::string> set;
  std::optional<std::uint64_t> seed;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::string> command;
};

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

void on_interrupt(int /*signal*/) { interrupted = true; }

// PATH=VALUE, and the seed as one of them, so that files and flags meet in one place.
std::optional<std::vector<config::Setting>> settings_of(const Arguments& arguments) {
  std::vector<config::Setting> settings;
  for (const std::string& text : arguments.set) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos) {
      fmt::print(stderr, "sim: --set takes PATH=VALUE, as in --set run.jobs=20k, not '{}'\n", text);
      return std::nullopt;
    }
    settings.push_back({text.substr(0, equals), text.substr(equals + 1)});
  }
  if (arguments.seed) settings.push_back({"run.seed", std::to_string(*arguments.seed)});
  return settings;
}

// Progress goes to a terminal only: one line that overwrites itself, and is gone at the end.
class ProgressLine {
 public:
  void show(const std::string& text) {
    if (on_) fmt::print(stderr, "\r\033[K{}", text);
  }
  ~ProgressLine() {
    if (on_) std::fputs("\r\033[K", stderr);
  }
  ProgressLine() = default;
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

 private:
  bool on_ = isatty(STDERR_FILENO) == 1;
};

Result<sim::Results> simulate(const config::Scenario& scenario, unsigned threads) {
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
  ProgressLine line;
  return sim::run_experiment(scenario,
                             {.threads = threads,
                              .stop = &interrupted,
                              .progress = [&](const std::string& text) { line.show(text); }});
}

ExitCode run(const Arguments& arguments) {
  const auto settings = settings_of(arguments);
  if (!settings) return ExitCode::kUsage;
  const auto scenario = config::load_scenario_file(arguments.file, *settings);
  for (const config::Diagnostic& diagnostic : scenario.diagnostics) {
    fmt::print(stderr, "{}\n", config::to_text(diagnostic));
  }
  if (!scenario.ok()) return ExitCode::kUsage;
  const auto results = simulate(scenario.value, arguments.threads);
  if (!results) {
    fmt::print(stderr, "{}: {}: {}\n", arguments.file, results.error().where, results.error().why);
    return ExitCode::kUsage;
  }
  fmt::print("{}", sim::results_text(*results, {.colour = report::colour_wanted(STDOUT_FILENO)}));
  const auto written =
      write(*results, arguments.outputs, arguments.command, arguments.threads, interrupted);
  if (!written) {
    fmt::print(stderr, "sim: {}: {}\n", written.error().where, written.error().why);
    return ExitCode::kUsage;
  }
  return results->exit_code();
}

}  // namespace

void add_run(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand("run", "Carry out a scenario and judge its expectations");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("FILE", arguments->file, "The scenario, YAML or JSON")->required();
  add_options(*command, arguments->outputs);
  command
      ->add_option("--set", arguments->set,
                   "PATH=VALUE in the scenario or its gateway; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--seed", arguments->seed, "The same as --set run.seed=N");
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
    outcome.code = run(*arguments);
  });
}

}  // namespace headgate::sim_tool
