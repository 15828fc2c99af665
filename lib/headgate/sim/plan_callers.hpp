// Whom limiters and balancers take a simulated request to be from.
#pragma once

#include <cstdint>

#include "headgate/config/scenario_config.hpp"
#include "headgate/ratelimit/consumers.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// Adds the callers of one more kind of request to every limiter of the plan; without a route none
/// is ever asked. `route` is an index into the plan's, or RequestKind::kNoRoute.
void add_callers(const config::RequestConfig& request, const ratelimit::Consumers& consumers,
                 std::uint32_t route, Plan& plan);

/// What a hash policy of the service of `route` hashes, folded as the gateway folds it: see
/// gateway/affinity.hpp. Requires: the route leads to a service.
[[nodiscard]] std::uint64_t balance_key(const config::RequestConfig& request,
                                        const ratelimit::Consumers& consumers,
                                        const RoutePlan& route, const Plan& plan);

}  // namespace headgate::sim
