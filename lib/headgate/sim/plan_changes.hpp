// The configs that a scenario's gateways change to, compiled as the first one is.
//
// What a change is follows the running gateway. gwctl reads its config once, when it starts; there
// is no other way to a new one than a new gwctl in the place of the old, which accepts no more and
// lets what is at work end. So
// - a request ends under the config of the gateway that it came to: its place in a limit goes back
//   to the limiter that gave it, its attempts count where they were picked, and so do its retries;
// - the new gateway knows nothing: its limiters are full, its balancers count nothing in flight and
//   have learned nothing, its breakers are closed, its targets are healthy until its own checks
//   have found them not to be, it has no connection to any target;
// - clients, targets with their queues and caches, topics, queues with their leases, subscribers
//   and the machines that gateways run on stay as they are.
#pragma once

#include <cstddef>
#include <functional>

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// More than anyone writes down; each has limiters of its own to the end of the run.
inline constexpr std::size_t kChangesMax = 100;

/// Adds services, routes, limiters and kinds of a config to a plan without them.
using CompileGateway = std::function<Result<void>(const config::GatewayConfig&, Plan&)>;

/// Adds the scenario's changes of config to a plan that is whole but for its arrivals. One with an
/// end is two: there the first config takes the place again. Fails with kInvalidConfig at
/// `faults.N.gateway` or below, and at `faults` if there are more than kChangesMax.
[[nodiscard]] Result<void> add_changes(const config::ScenarioConfig& scenario,
                                       const CompileGateway& compile, Plan& plan);

}  // namespace headgate::sim
