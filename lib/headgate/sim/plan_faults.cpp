#include "headgate/sim/plan_faults.hpp"

#include <string>

namespace headgate::sim {
namespace {

// A request that is lost is never answered: somebody has to give up waiting for it.
Result<void> check_losses(const Plan& plan, std::uint32_t service, const std::string& where) {
  const bool waits_for_ever = plan.clients.timeout == kNever && plan.clients.deadline == kNever &&
                              plan.services[service].response_timeout == kNever;
  if (!waits_for_ever) return {};
  return failed(Errc::kInvalidConfig, where,
                "loses requests, and nobody gives up waiting for them; set clients.timeout");
}

Result<void> add_fault(const config::FaultConfig& config, const std::string& where, Plan& plan) {
  FaultPlan fault{.kind = config.kind, .at = TimePoint{config.at}, .amount = config.amount};
  if (config.length) fault.end = fault.at + *config.length;
  bool found = false;
  for (fault.service = 0; fault.service < plan.services.size(); ++fault.service) {
    const ServicePlan& service = plan.services[fault.service];
    const auto targets = static_cast<std::uint32_t>(service.targets.size());
    for (fault.target = 0; fault.target < targets; ++fault.target) {
      const bool meant = config.target == service.name ||
                         config.target == service.targets[fault.target].name ||
                         config.target == service.name + "/" + std::to_string(fault.target);
      if (!meant) continue;
      found = true;
      plan.faults.push_back(fault);
      const bool loses =
          fault.kind == FaultPlan::Kind::kLossy || fault.kind == FaultPlan::Kind::kPartition;
      if (!loses) continue;
      if (auto checked = check_losses(plan, fault.service, where); !checked) return checked;
    }
  }
  if (found) return {};
  if (plan.services.empty()) {
    return failed(Errc::kInvalidConfig, where + ".target",
                  "there are no services; parts of a topic are topics/NAME/consumers/0");
  }
  return failed(Errc::kInvalidConfig, where + ".target",
                "there is no target '" + config.target + "'; the first is '" +
                    plan.services.front().targets.front().name + "'");
}

}  // namespace

Result<void> add_faults(const config::ScenarioConfig& scenario, Plan& plan) {
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    if (is_of_topic(scenario.faults[i]) || scenario.faults[i].gateway) continue;
    auto added = add_fault(scenario.faults[i], "faults." + std::to_string(i), plan);
    if (!added) return added;
  }
  if (!plan.network.loss) return {};
  for (std::uint32_t i = 0; i < plan.services.size(); ++i) {
    if (auto checked = check_losses(plan, i, "network.loss"); !checked) return checked;
  }
  return {};
}

}  // namespace headgate::sim
