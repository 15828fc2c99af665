#include "sim/scenario_file.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <utility>

namespace headgate::sim_tool {

void add_settings(CLI::App& command, ScenarioArguments& arguments) {
  command
      .add_option("--set", arguments.set,
                  "PATH=VALUE in the scenario or its gateway; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--seed", arguments.seed, "The same as --set run.seed=N");
}

std::optional<std::vector<config::Setting>> settings_of(const ScenarioArguments& arguments) {
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

std::optional<config::Scenario> load_scenario(const ScenarioArguments& arguments) {
  const auto settings = settings_of(arguments);
  if (!settings) return std::nullopt;
  auto scenario = config::load_scenario_file(arguments.file, *settings);
  for (const config::Diagnostic& diagnostic : scenario.diagnostics) {
    fmt::print(stderr, "{}\n", config::to_text(diagnostic));
  }
  if (!scenario.ok()) return std::nullopt;
  return std::move(scenario.value);
}

void complain(const config::Scenario& scenario, const Error& error) {
  fmt::print(stderr, "{}\n", config::to_text(scenario.diagnostic(error.where, error.why, {})));
}

void complain(const Error& error) { fmt::print(stderr, "sim: {}: {}\n", error.where, error.why); }

}  // namespace headgate::sim_tool
