#include "headgate/sim/plan_bus.hpp"

#include <algorithm>

#include "headgate/messaging/memory_log.hpp"
#include "headgate/queue/queue.hpp"
#include "headgate/sim/queue_model.hpp"

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
  messaging::MemoryLog log;
  if (const auto opened = queue::Queue::open(log, queue_options(plan.queues.back())); !opened) {
    return failed(Errc::kInvalidConfig,
                  "gateway.queues." + config.name + "." + opened.error().where, opened.error().why);
  }
  return {};
}

// Dead letters go past the bus, straight into their log.
Result<void> check_dead_letters(const Plan& plan) {
  for (const QueuePlan& queue : plan.queues) {
    if (std::ranges::find(plan.queues, queue.dead_letter, &QueuePlan::name) == plan.queues.end()) {
      continue;
    }
    return failed(Errc::kInvalidConfig, "broker.queues." + queue.dead_letter,
                  "takes the dead letters of '" + queue.name +
                      "', and consumers of dead letters are not simulated; leave it out");
  }
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
  if (auto checked = check_dead_letters(plan); !checked) return checked;
  for (const config::SubscriberConfig& config : scenario.broker.subscribers) {
    if (auto added = add_subscriber(config, plan); !added) return added;
  }
  return {};
}

}  // namespace headgate::sim
