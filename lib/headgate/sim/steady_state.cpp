#include "headgate/sim/steady_state.hpp"

#include <fmt/format.h>

#include "headgate/sim/plan_load.hpp"

namespace headgate::sim {

Result<void> check_steady_state(const config::ScenarioConfig& scenario, const Plan& plan) {
  const auto rate = plan.arrivals.is_closed() ? std::nullopt : plan.arrivals.rate();
  if (plan.horizon.duration || !rate || plan.clients.deadline != kNever) return {};
  for (const Demand& demand : demands_of(plan)) {
    const double offered = rate->per_second() * demand.unlimited_calls;
    // A load of exactly one comes through a rate of nine digits.
    if (demand.is_bounded || offered < demand.capacity_per_s * (1 - 1e-9)) continue;
    const bool is_service = demand.name.starts_with("services.");
    return failed(
        Errc::kInvalidConfig, scenario.load ? "sweep.load" : "arrivals",
        fmt::format("{:.6g}/s for {}, which can do {:.6g}/s: the queue grows for ever and there "
                    "is no steady state to measure; give run.duration{}",
                    offered, demand.name, demand.capacity_per_s,
                    is_service ? fmt::format(", or {}.queue", demand.name) : std::string{}));
  }
  return {};
}

}  // namespace headgate::sim
