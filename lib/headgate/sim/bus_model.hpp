// The gateway's event bus, its queues and its subscribers on virtual time: the production objects
// over a log in memory. A request to a queue, and a `publish` of a route, become an event; the bus
// decides who gets it.
//
// An event is stored the moment it is published: what a store's disk costs is not modelled.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/bus/event_bus.hpp"
#include "headgate/messaging/memory_log.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/queue_model.hpp"
#include "headgate/sim/subscriber_model.hpp"

namespace headgate::sim {

class BusModel {
 public:
  /// `plan` and `engine` outlive the model.
  BusModel(const Plan& plan, std::uint64_t seed, Engine<Event>& engine);
  BusModel(const BusModel&) = delete;
  BusModel& operator=(const BusModel&) = delete;

  /// An event of request `number`; whoever wants it has it when this returns. Cost: about 2 us.
  void publish(std::string_view topic, std::uint64_t number, bool measured);
  /// Of Kind::kBus.
  void on_event(std::uint32_t index);
  /// Tells `what` of each queue, then of each subscriber, how many messages are not done with.
  template <class What>
  void each_depth(What&& what) const {
    std::uint32_t reader = 0;
    for (const QueueModel& queue : queues_) what(reader++, queue.depth());
    for (const SubscriberModel& subscriber : subscribers_) what(reader++, subscriber.depth());
  }

  void measure(bool on);
  void check_books();

  [[nodiscard]] BusOutcome take_outcomes();

 private:
  using Added = std::function<void(std::uint64_t draw, bool measured)>;

  messaging::MemoryLog log_;
  bus::EventBus bus_;
  std::deque<QueueModel> queues_;
  std::deque<SubscriberModel> subscribers_;
  std::map<std::string, Added, std::less<>> readers_;  // by stored topic
};

}  // namespace headgate::sim
