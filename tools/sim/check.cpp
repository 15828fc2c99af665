// `sim check FILE...`: whether a scenario can be run, without running it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "headgate/sim/experiment.hpp"
#include "sim/commands.hpp"
#include "sim/scenario_file.hpp"

namespace headgate::sim_tool {
namespace {

struct CheckArguments {
  std::vector<std::string> files;
  ScenarioArguments scenario;
};

bool check(ScenarioArguments arguments, const std::string& file) {
  arguments.file = file;
  const auto scenario = load_scenario(arguments);
  if (!scenario) return false;
  const auto plans = sim::plan_points(*scenario);
  if (!plans) {
    complain(*scenario, plans.error());
    return false;
  }
  fmt::print("{}: ok, {} point{}\n", file, plans->size(), plans->size() == 1 ? "" : "s");
  return true;
}

}  // namespace

void add_check(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand("check", "Say whether a scenario can be run");
  auto arguments = std::make_shared<CheckArguments>();
  command->add_option("FILE", arguments->files, "Scenarios, YAML or JSON")->required();
  add_settings(*command, arguments->scenario);
  command->footer(
      "Exit codes: 0 all can be run, 2 one cannot; what is wrong is said as FILE:LINE:COLUMN.\n\n"
      "Examples:\n"
      "  sim check scenarios/mm1.yaml\n"
      "  sim check scenarios/mm1.yaml --set 'sweep.load=0.5..0.95 step 0.05'");
  command->callback([arguments, &outcome] {
    bool ok = true;
    for (const std::string& file : arguments->files) ok = check(arguments->scenario, file) && ok;
    outcome.code = ok ? ExitCode::kYes : ExitCode::kUsage;
  });
}

}  // namespace headgate::sim_tool
