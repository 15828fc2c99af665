#include "headgate/sim/steady_state.hpp"

#include <fmt/format.h>

#include "headgate/sim/plan_load.hpp"

namespace headgate::sim {
namespace {

// Of the gateways' first config, or of one that it changes to.
Result<void> check_config(const config::ScenarioConfig& scenario, const Plan& plan, Rate rate) {
  for (const Demand& demand : demands_of(plan)) {
    const double offered = rate.per_second() * demand.unlimited_calls;
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

}  // namespace

Result<void> check_steady_state(const config::ScenarioConfig& scenario, const Plan& plan) {
  const auto rate = plan.arrivals.is_closed() ? std::nullopt : plan.arrivals.rate();
  if (plan.horizon.duration || !rate || plan.clients.deadline != kNever) return {};
  if (auto checked = check_config(scenario, plan, *rate); !checked) return checked;
  for (const Plan& change : plan.changes) {
    if (auto checked = check_config(scenario, change, *rate); !checked) return checked;
  }
  return {};
}

}  // namespace headgate::sim
