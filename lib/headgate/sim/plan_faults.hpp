// What breaks in a scenario, as faults of single targets.
#pragma once

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// Adds the scenario's faults to a plan that has its services and clients. Fails with
/// kInvalidConfig at `faults.N` if there is no such target, or if requests get lost that nobody
/// gives up.
[[nodiscard]] Result<void> add_faults(const config::ScenarioConfig& scenario, Plan& plan);

}  // namespace headgate::sim
