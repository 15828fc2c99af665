// The configs that a scenario's gateways change to while it runs: `{at: 60s, gateway: other.yaml}`
// on the timeline of its `faults`.
#pragma once

#include <vector>

#include "headgate/config/form.hpp"
#include "headgate/config/scenario_config.hpp"

namespace headgate::config {

/// Reads the config of every entry of `faults` that has one, and puts its services into the order
/// of the first config's. Reports what is wrong in a config as at its own place, and at
/// `faults.N.gateway` a scenario without a gateway, and services or targets that are not those of
/// the first config: targets keep what they have at work, so they must be the same ones.
void read_changes(const ScenarioFiles& files, ScenarioConfig& config, Reading& reading,
                  std::vector<Diagnostic>& found);

}  // namespace headgate::config
