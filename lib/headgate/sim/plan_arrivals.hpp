// When the requests of a scenario come, and for how long.
#pragma once

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// Sets the arrivals of a plan that has everything else: as written, or at the rate that the
/// sweep's `load` makes. Fails with kInvalidConfig at `arrivals` or `sweep.load`.
[[nodiscard]] Result<void> set_arrivals(const config::ScenarioConfig& scenario, Plan& plan);

/// A run of so much time is the question "what happens in these 15 s", first second included: it is
/// measured whole unless told otherwise. A run of so many requests asks for the long run, and its
/// start from an empty system is cut off.
[[nodiscard]] Horizon horizon_of(const config::RunConfig& run);

}  // namespace headgate::sim
