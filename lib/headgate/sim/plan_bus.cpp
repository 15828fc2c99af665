#include "headgate/sim/plan_bus.hpp"

#include <algorithm>

namespace headgate::sim {
namespace {

Result<void> add_queue(const config::ScenarioConfig& scenario,
                       const config::BrokerQueueConfig& config, Plan& plan) {
  const std::string where = "broker.queues." + config.name;
  if (!scenario.gateway) {
    return failed(Errc::kInvalidConfig, where,
                  "is a queue of the gateway's, and this scenario has no gateway");
  }
  const config::QueueConfig* queue = scenario.gateway->find_queue(config.name);
  if (queue == nullptr) {
    return failed(Errc::kInvalidConfig, where, "the gateway has no queue of this name");
  }
  plan.queues.push_back({.name = config.name,
                         .consumers = config,
                         .lease = queue->lease,
                         .max_deliveries = queue->max_deliveries,
                         .dead_letter = queue->dead_letter});
  return {};
}

Result<void> add_subscriber(const config::SubscriberConfig& config, Plan& plan) {
  auto pattern = bus::Pattern::compile(config.to);
  if (!pattern) {
    return failed(Errc::kInvalidConfig, "broker.subscribers." + config.name + ".to",
                  pattern.error().why);
  }
  plan.subscribers.push_back({.config = config, .pattern = *std::move(pattern)});
  return {};
}

}  // namespace

Result<void> add_queues_and_subscribers(const config::ScenarioConfig& scenario, Plan& plan) {
  for (const config::BrokerQueueConfig& config : scenario.broker.queues) {
    if (auto added = add_queue(scenario, config, plan); !added) return added;
  }
  for (const config::SubscriberConfig& config : scenario.broker.subscribers) {
    if (auto added = add_subscriber(config, plan); !added) return added;
  }
  return {};
}

}  // namespace headgate::sim
