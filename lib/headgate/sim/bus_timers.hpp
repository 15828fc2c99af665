// The events of the gateway's queues and subscribers on the replication's engine: whose, and which
// of its consumers, fit into the index.
#pragma once

#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/sim/journey.hpp"

namespace headgate::sim {

struct BusEvent {
  static constexpr unsigned kPartBits = 20;
  static constexpr std::uint32_t kTimeout = (1U << kPartBits) - 1;  ///< of a lease or a delay

  std::uint32_t reader;  ///< a queue or, after all of them, a subscriber
  std::uint32_t part;    ///< its consumer, or kTimeout

  [[nodiscard]] static BusEvent of(std::uint32_t index) noexcept {
    return {.reader = index >> kPartBits, .part = index & kTimeout};
  }
};

/// Of one queue or subscriber.
class BusTimers {
 public:
  BusTimers(Engine<Event>& engine, std::uint32_t reader) noexcept
      : engine_(&engine), reader_(reader) {}

  [[nodiscard]] TimePoint now() const noexcept { return engine_->now(); }
  Timer at(TimePoint when, std::uint32_t part) {
    return engine_->schedule(when, {Kind::kBus, reader_ << BusEvent::kPartBits | part});
  }
  void cancel(Timer& timer) noexcept { engine_->cancel(timer); }

 private:
  Engine<Event>* engine_;
  std::uint32_t reader_;
};

}  // namespace headgate::sim
