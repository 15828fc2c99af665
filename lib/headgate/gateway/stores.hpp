// The stores of the config, opened: logs by name, topics and queues made in them, and the bus that
// carries an event to the topic it is for.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/bus/event_bus.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/messaging/log.hpp"
#include "headgate/queue/queue.hpp"

namespace headgate::gateway {

class Stores {
 public:
  /// Opens every store and makes every topic and queue that is not there. Blocks. Fails with the
  /// store's error, `where` naming it.
  [[nodiscard]] static Result<std::unique_ptr<Stores>> open(const config::GatewayConfig& config);

  /// Thread-safe; see bus::EventBus.
  [[nodiscard]] const bus::EventBus& bus() const noexcept { return bus_; }

  /// Waits until all that was appended is answered and as safe as each store can make it.
  /// The first failure counts; the others are tried all the same.
  [[nodiscard]] Result<void> flush(Duration deadline);

  /// Lines of facts for people: what opening a store found and mended. May be empty.
  [[nodiscard]] const std::string& remarks() const noexcept { return remarks_; }

  struct TopicFigures {
    std::string name;
    messaging::Watermarks marks;
    messaging::Durability durability{};
  };
  /// Of the topics of the config; one that cannot be asked now is left out. Control thread only.
  [[nodiscard]] std::vector<TopicFigures> topics() const;
  struct QueueFigures {
    std::string name;
    queue::Queue::Stats stats;
  };
  [[nodiscard]] std::vector<QueueFigures> queues();

 private:
  Stores() = default;
  Result<void> open_store(const config::StoreConfig& config);
  Result<void> open_topic(const std::string& topic, const std::string& store);
  Result<void> open_queue(const config::QueueConfig& config);

  std::map<std::string, std::unique_ptr<messaging::Log>, std::less<>> logs_;  // by store
  std::map<std::string, messaging::Log*, std::less<>> topics_;                // by topic
  std::map<std::string, queue::Queue, std::less<>> queues_;  // die before the logs they are in
  bus::EventBus bus_;
  std::string remarks_;
};

}  // namespace headgate::gateway
