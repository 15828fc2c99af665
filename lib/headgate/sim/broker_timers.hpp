// The events of the broker's topics on the replication's engine. What an event is about (which
// topic, what happens, to which partition or consumer) fits into its index, so none of them needs
// memory of its own.
#pragma once

#include <cstdint>

#include "headgate/core/check.hpp"
#include "headgate/core/time.hpp"
#include "headgate/sim/journey.hpp"

namespace headgate::sim {

enum class BrokerStep : std::uint8_t {
  kLinger,      // partition: its oldest unsent record has waited long enough
  kCommitted,   // partition: its next batch is with all in-sync replicas
  kAcked,       // partition: the producer learns what became of its next batch
  kLeaderBack,  // partition: its leader is there again
  kFetch,       // consumer: its fetch reaches the broker
  kFetchWait,   // consumer: its fetch has waited long enough
  kDelivered,   // consumer: the answer to its fetch is there
  kProcessed,   // consumer: it is done with a record
  kDown,        // consumer: it dies
  kUp,          // consumer: it is back
  kSession,     // consumer: the group has not heard of it for too long
  kRebalanced,  // the group: everybody has joined again
};

inline constexpr std::uint32_t kPartsMax = 1U << 18;  ///< partitions or consumers of a topic
inline constexpr std::uint32_t kBrokerTopicsMax = 1U << 10;

struct BrokerEvent {
  std::uint32_t topic;
  BrokerStep step;
  std::uint32_t part;  ///< of a partition or a consumer

  [[nodiscard]] static BrokerEvent of(std::uint32_t index) noexcept {
    return {.topic = index >> 22,
            .step = static_cast<BrokerStep>(index >> 18 & 0xFU),
            .part = index & (kPartsMax - 1)};
  }
  [[nodiscard]] std::uint32_t index() const noexcept {
    return topic << 22 | static_cast<std::uint32_t>(step) << 18 | part;
  }
};

/// An event that knows whether it is to come.
struct Alarm {
  Timer timer{};
  bool set = false;
};

/// Of one topic.
class BrokerTimers {
 public:
  BrokerTimers(Engine<Event>& engine, std::uint32_t topic) noexcept
      : engine_(&engine), topic_(topic) {}

  [[nodiscard]] TimePoint now() const noexcept { return engine_->now(); }
  Timer at(TimePoint when, BrokerStep step, std::uint32_t part) {
    return engine_->schedule(
        when, {Kind::kBroker, BrokerEvent{.topic = topic_, .step = step, .part = part}.index()});
  }
  Timer after(Duration wait, BrokerStep step, std::uint32_t part) {
    return at(now() + wait, step, part);
  }
  void cancel(Timer& timer) noexcept {
    engine_->cancel(timer);
    timer = {};
  }
  /// Requires: not set.
  void set(Alarm& alarm, TimePoint when, BrokerStep step, std::uint32_t part) {
    alarm = {.timer = at(when, step, part), .set = true};
  }
  void cancel(Alarm& alarm) noexcept {
    if (alarm.set) engine_->cancel(alarm.timer);
    alarm = {};
  }

 private:
  Engine<Event>* engine_;
  std::uint32_t topic_;
};

}  // namespace headgate::sim
