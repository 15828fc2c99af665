#include "headgate/sim/plan_changes.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "headgate/config/scenario_files.hpp"
#include "headgate/core/check.hpp"

namespace headgate::sim {
namespace {

struct Change {
  TimePoint at;
  std::size_t fault;  // its entry of `faults`
  const config::GatewayConfig* gateway;
};

std::vector<Change> changes_of(const config::ScenarioConfig& scenario) {
  std::vector<Change> changes;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    const config::FaultConfig& fault = scenario.faults[i];
    if (!fault.gateway) continue;
    HG_ASSERT(scenario.gateway.has_value());  // the scenario's form has seen to it
    const TimePoint at{fault.at};
    changes.push_back({.at = at, .fault = i, .gateway = &*fault.gateway});
    if (!fault.length) continue;
    changes.push_back({.at = at + *fault.length, .fault = i, .gateway = &*scenario.gateway});
  }
  std::ranges::sort(changes, {}, [](const Change& c) { return std::tuple{c.at, c.fault}; });
  return changes;
}

// What is wrong is said of the config that brought it, wherever the first one would have it.
Error error_at(const Change& change, Error error) {
  const std::string path = config::change_path(change.fault);
  if (error.where.starts_with("gateway.")) {
    error.where = path + error.where.substr(std::string_view{"gateway"}.size());
  } else {
    error.why = "with this config: " + error.where + " " + error.why;
    error.where = path;
  }
  return error;
}

Plan without_config(const Plan& plan) {
  Plan next = plan;
  next.kinds.clear();
  next.routes.clear();
  next.services.clear();
  next.limiters.clear();
  return next;
}

}  // namespace

Result<void> add_changes(const config::ScenarioConfig& scenario, const CompileGateway& compile,
                         Plan& plan) {
  const std::vector<Change> wanted = changes_of(scenario);
  if (wanted.size() > kChangesMax) {
    return failed(Errc::kInvalidConfig, "faults",
                  "there are more than " + std::to_string(kChangesMax) +
                      " changes of config; an end is one too");
  }
  std::vector<Plan> changes;
  for (const Change& change : wanted) {
    Plan next = without_config(plan);
    next.since = change.at;
    if (auto compiled = compile(*change.gateway, next); !compiled) {
      return std::unexpected(error_at(change, compiled.error()));
    }
    HG_ASSERT(next.kinds.size() == plan.kinds.size());
    HG_ASSERT(next.services.size() == plan.services.size());
    plan.topics = next.topics;  // those before, and those that only this one publishes to
    for (std::size_t i = 0; i < plan.services.size(); ++i) {
      if (next.services[i].sheds()) plan.services[i].sheds_later = true;
    }
    changes.push_back(std::move(next));
  }
  for (Plan& next : changes) next.topics = plan.topics;
  plan.changes = std::move(changes);
  return {};
}

}  // namespace headgate::sim
