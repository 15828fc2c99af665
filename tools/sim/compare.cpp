// `sim compare A B`: two scenarios side by side; or, of two results, how far a load test and the
// simulation of it are apart.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "headgate/config/text.hpp"
#include "headgate/report/comparison.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/versus.hpp"
#include "sim/commands.hpp"
#include "sim/scenario_file.hpp"

namespace headgate::sim_tool {
namespace {

struct CompareArguments {
  std::string measured;   // or scenario A
  std::string predicted;  // or scenario B
  std::string access_log;
  std::vector<std::string> within;
  std::string json;
  ScenarioArguments scenario;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

// Results say what they are; what says nothing is taken for a scenario, whose reader complains.
bool is_result(const std::string& file) {
  const auto tree = config::read_file(file);
  return tree.readable && tree.value.root.find("format") != nullptr;
}

std::optional<sim::Results> simulate(const CompareArguments& arguments,
                                     const config::Scenario& scenario) {
  auto results = sim::run_experiment(scenario, {.threads = arguments.threads});
  if (results) return std::move(*results);
  complain(scenario, results.error());
  return std::nullopt;
}

// Both with the seed of the first: they must meet the same chance.
std::optional<std::vector<sim::ComparedPoint>> run_both(const CompareArguments& arguments) {
  ScenarioArguments first = arguments.scenario;
  first.file = arguments.measured;
  const auto a = load_scenario(first);
  if (!a) return std::nullopt;
  ScenarioArguments second = arguments.scenario;
  second.file = arguments.predicted;
  second.seed = a->base().run.seed;
  const auto b = load_scenario(second);
  if (!b) return std::nullopt;
  const auto results_a = simulate(arguments, *a);
  if (!results_a) return std::nullopt;
  const auto results_b = simulate(arguments, *b);
  if (!results_b) return std::nullopt;
  auto compared = sim::compare(*results_a, *results_b);
  if (compared) return std::move(*compared);
  complain(*b, compared.error());
  return std::nullopt;
}

ExitCode compare_scenarios(const CompareArguments& arguments) {
  const auto compared = run_both(arguments);
  if (!compared) return ExitCode::kUsage;
  fmt::print("{}", sim::versus_text(*compared, report::colour_wanted(STDOUT_FILENO)));
  if (arguments.json.empty()) return ExitCode::kYes;
  const auto written =
      report::write_file(arguments.json, report::to_text(sim::versus_json(*compared)));
  if (written) return ExitCode::kYes;
  complain(written.error());
  return ExitCode::kUsage;
}

Result<std::vector<report::ComparedMetric>> compare(const CompareArguments& arguments) {
  std::vector<report::Tolerance> within;
  for (const std::string& text : arguments.within) {
    auto tolerance = report::parse_tolerance(text);
    if (!tolerance) return std::unexpected(tolerance.error());
    within.push_back(std::move(*tolerance));
  }
  const auto measured = report::read_file(arguments.measured);
  if (!measured) return std::unexpected(measured.error());
  const auto predicted = report::read_file(arguments.predicted);
  if (!predicted) return std::unexpected(predicted.error());
  Result<std::string> log;
  if (!arguments.access_log.empty()) log = report::read_file(arguments.access_log);
  if (!log) return std::unexpected(log.error());
  return report::compare({.measured = *measured, .predicted = *predicted, .access_log = *log},
                         within);
}

ExitCode run_comparison(const CompareArguments& arguments) {
  if (!is_result(arguments.measured) && !is_result(arguments.predicted)) {
    return compare_scenarios(arguments);
  }
  const auto comparison = compare(arguments);
  if (!comparison) {
    complain(comparison.error());
    return ExitCode::kUsage;
  }
  fmt::print("{}", report::to_text(*comparison, report::colour_wanted(STDOUT_FILENO)));
  const bool agree = std::ranges::all_of(*comparison, &report::ComparedMetric::agrees);
  return agree ? ExitCode::kYes : ExitCode::kNo;
}

}  // namespace

void add_compare(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand(
      "compare", "Run two scenarios side by side, or hold a load test against its simulation");
  auto arguments = std::make_shared<CompareArguments>();
  command
      ->add_option("MEASURED", arguments->measured,
                   "Scenario A; or the result of loadgen run --json")
      ->required();
  command
      ->add_option("PREDICTED", arguments->predicted,
                   "Scenario B; or the result of sim run --json, one point")
      ->required();
  command->add_option("--access-log", arguments->access_log,
                      "The gateway's access log of that load test, for the share of each target");
  command->add_option("--within", arguments->within,
                      "METRIC=SHARE: how far it may be off, of the prediction; for shares in "
                      "points (repeatable)");
  command->add_option("--json", arguments->json, "Of two scenarios: write the comparison here");
  add_settings(*command, arguments->scenario);
  command->add_option("--threads", arguments->threads, "Of two scenarios: for their replications")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "Two scenarios are run with equal draws, --set goes into both, and their points are "
      "paired.\n\n"
      "Exit codes: 0 compared, and all within their tolerances, 1 one is not, 2 unreadable "
      "input.\n\n"
      "Examples:\n"
      "  sim compare scenarios/mm1.yaml scenarios/mmc.yaml --set 'run={jobs: 20k}' --set "
      "expect=[]\n"
      "  sim compare measured.json predicted.json\n"
      "  sim compare measured.json predicted.json --access-log access.jsonl \\\n"
      "      --within response_time.p95=15% --within refused_share=2%");
  command->callback([arguments, &outcome] { outcome.code = run_comparison(*arguments); });
}

}  // namespace headgate::sim_tool
