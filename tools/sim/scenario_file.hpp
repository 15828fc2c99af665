// What the commands that take a scenario share: PATH=VALUE flags, reading, and saying what is wrong
// with it, line by line, on stderr.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"

// The library calls itself so.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace headgate::sim_tool {

struct ScenarioArguments {
  std::string file;
  std::vector<std::string> set;  ///< PATH=VALUE
  std::optional<std::uint64_t> seed;
};

/// Adds --set and --seed to a command.
void add_settings(CLI::App& command, ScenarioArguments& arguments);

/// The settings, the seed among them; nothing after saying which is no PATH=VALUE.
[[nodiscard]] std::optional<std::vector<config::Setting>> settings_of(
    const ScenarioArguments& arguments);

/// The scenario, or nothing after saying what is wrong with it.
[[nodiscard]] std::optional<config::Scenario> load_scenario(const ScenarioArguments& arguments);

/// Says what is wrong with a scenario that was read well: `error.where` is a path in it.
void complain(const config::Scenario& scenario, const Error& error);
/// Says what is wrong with a file, or with something else that `error.where` names.
void complain(const Error& error);

}  // namespace headgate::sim_tool
