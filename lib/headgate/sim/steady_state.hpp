// Whether the long run that a point asks about exists at all.
//
// A run of so many requests, or to so much precision, asks for the steady state: the figures that
// no longer depend on when one looks. A queue without bound that gets more work than its servers
// can do has none: whatever comes out tells only how long the run was. Such a point is an error,
// not a figure. What bounds the queue (places, a limiter, a breaker, clients that wait for their
// answers) makes an overload a fair question, and so does a run of so much time.
#pragma once

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// Fails with kInvalidConfig if the arrivals overload a service that nothing protects (or the
/// consumers of a topic or queue); `where` is the path of what sets the rate, `why` says what to
/// do.
[[nodiscard]] Result<void> check_steady_state(const config::ScenarioConfig& scenario,
                                              const Plan& plan);

}  // namespace headgate::sim
