// The queues and subscribers of a scenario.
#pragma once

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// Adds them to a plan. Fails with kInvalidConfig at `broker.queues.NAME` if the gateway has no
/// such queue or it takes another's dead letters, at `gateway.queues.NAME` if the production queue
/// refuses it, at `broker.subscribers.NAME.to` if that is no pattern.
[[nodiscard]] Result<void> add_queues_and_subscribers(const config::ScenarioConfig& scenario,
                                                      Plan& plan);

}  // namespace headgate::sim
