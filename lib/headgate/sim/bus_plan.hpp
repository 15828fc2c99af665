// What the gateway stores for others, compiled: its queues and who works them off, and who listens
// to its event bus.
#pragma once

#include <cstdint>
#include <string>

#include "headgate/bus/pattern.hpp"
#include "headgate/config/broker_config.hpp"
#include "headgate/core/time.hpp"

namespace headgate::sim {

/// A queue as the gateway's file has it, and its consumers as the scenario has them.
struct QueuePlan {
  std::string name;
  config::BrokerQueueConfig consumers;
  Duration lease = std::chrono::seconds{30};
  std::uint32_t max_deliveries = 5;
  std::string dead_letter = {};

  /// Messages per second that all consumers together can get done; infinite if they take no time.
  [[nodiscard]] double capacity_per_s() const noexcept {
    // Of each delivery this part is of use.
    const double good = 1 - consumers.fails.of_one - consumers.crashes.of_one;
    return consumers.consumers * good * 1e9 / consumers.process.mean_ns();
  }
};

struct SubscriberPlan {
  config::SubscriberConfig config;
  bus::Pattern pattern;

  /// Where its events are stored: a name that no queue of a gateway has.
  [[nodiscard]] std::string topic() const { return "__subscriber." + config.name; }
};

}  // namespace headgate::sim
