// `sim capacity FILE --slo BOUND`: what a scenario can carry under a promise, and what that costs.
#include "headgate/sim/capacity.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

#include "headgate/report/file.hpp"
#include "sim/commands.hpp"
#include "sim/scenario_file.hpp"

namespace headgate::sim_tool {
namespace {

struct CapacityArguments {
  ScenarioArguments scenario;
  std::string slo;
  std::string service;
  std::string json;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

ExitCode capacity(const CapacityArguments& arguments) {
  auto slo = stats::parse_expectation(arguments.slo);
  if (!slo) {
    fmt::print(stderr, "sim: --slo {}: {}\n", slo.error().where, slo.error().why);
    return ExitCode::kUsage;
  }
  const auto scenario = load_scenario(arguments.scenario);
  if (!scenario) return ExitCode::kUsage;
  const auto found =
      sim::find_capacity(*scenario, {.slo = std::move(*slo), .service = arguments.service},
                         {.threads = arguments.threads});
  if (!found) {
    complain(*scenario, found.error());
    return ExitCode::kUsage;
  }
  fmt::print("{}", sim::capacity_text(*found));
  if (arguments.json.empty()) return ExitCode::kYes;
  const auto written =
      report::write_file(arguments.json, report::to_text(sim::capacity_json(*found)));
  if (written) return ExitCode::kYes;
  fmt::print(stderr, "sim: {}: {}\n", written.error().where, written.error().why);
  return ExitCode::kUsage;
}

}  // namespace

void add_capacity(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand(
      "capacity", "Find the highest rate that keeps a promise, and how many targets it takes");
  auto arguments = std::make_shared<CapacityArguments>();
  command->add_option("FILE", arguments->scenario.file, "A scenario of one point")->required();
  command
      ->add_option("--slo", arguments->slo,
                   "The promise, an upper bound: \"response_time.p99 < 50ms\"")
      ->required();
  command->add_option("--service", arguments->service,
                      "Whose targets may be more or fewer; the first if left out");
  command->add_option("--json", arguments->json, "Write the answer here");
  add_settings(*command, arguments->scenario);
  command->add_option("--threads", arguments->threads, "The answer is the same for any number")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "Prices, if the scenario has them (prices: {services: {orders: {target: 0.10}}}, a target\n"
      "for an hour in any currency), give what a million requests cost.\n\n"
      "Exit codes: 0 answered, 2 usage, or a scenario that has no such answer.\n\n"
      "Examples:\n"
      "  sim capacity scenarios/mm1.yaml --set 'sweep={}' --set 'run={jobs: 20k}' \\\n"
      "      --slo 'response_time.p99 < 200ms'\n"
      "  sim capacity scenarios/balancers.yaml --set 'sweep={}' --set 'run={jobs: 20k}' \\\n"
      "      --slo 'response_time.p99 < 100ms' --set 'prices={services: {orders: {target: 0.1}}}'");
  command->callback([arguments, &outcome] { outcome.code = capacity(*arguments); });
}

}  // namespace headgate::sim_tool
