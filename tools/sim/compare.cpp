// `sim compare MEASURED PREDICTED`: how far a load test and the simulation of it are apart.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "headgate/report/comparison.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/table.hpp"
#include "sim/commands.hpp"

namespace headgate::sim_tool {
namespace {

struct Arguments {
  std::string measured;
  std::string predicted;
  std::string access_log;
  std::vector<std::string> within;
};

Result<std::vector<report::ComparedMetric>> compare(const Arguments& arguments) {
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

ExitCode run(const Arguments& arguments) {
  const auto comparison = compare(arguments);
  if (!comparison) {
    fmt::print(stderr, "sim: {}: {}\n", comparison.error().where, comparison.error().why);
    return ExitCode::kUsage;
  }
  fmt::print("{}", report::to_text(*comparison, report::colour_wanted(STDOUT_FILENO)));
  const bool agree = std::ranges::all_of(*comparison, &report::ComparedMetric::agrees);
  return agree ? ExitCode::kYes : ExitCode::kNo;
}

}  // namespace

void add_compare(CLI::App& app, Outcome& outcome) {
  CLI::App* command =
      app.add_subcommand("compare", "Hold a load test against the simulation of the same config");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("MEASURED", arguments->measured, "Result of loadgen run --json")->required();
  command->add_option("PREDICTED", arguments->predicted, "Result of sim run --json, one point")
      ->required();
  command->add_option("--access-log", arguments->access_log,
                      "The gateway's access log of that load test, for the share of each target");
  command->add_option("--within", arguments->within,
                      "METRIC=SHARE: how far it may be off, of the prediction; for shares in "
                      "points (repeatable)");
  command->footer(
      "Exit codes: 0 all within their tolerances, 1 one is not, 2 unreadable input.\n\n"
      "Examples:\n"
      "  sim compare measured.json predicted.json\n"
      "  sim compare measured.json predicted.json --access-log access.jsonl \\\n"
      "      --within response_time.p95=15% --within refused_share=2%");
  command->callback([arguments, &outcome] { outcome.code = run(*arguments); });
}

}  // namespace headgate::sim_tool
