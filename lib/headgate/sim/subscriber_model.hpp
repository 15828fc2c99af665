// Who listens to the gateway's event bus, on virtual time: events come by the production bus into a
// stored topic, and one reader handles them in order, as a named consumer of that topic that
// commits its position after each.
#pragma once

#include <cstdint>

#include "headgate/messaging/topic.hpp"
#include "headgate/sim/backlog.hpp"
#include "headgate/sim/bus_plan.hpp"
#include "headgate/sim/bus_timers.hpp"
#include "headgate/sim/draws.hpp"

namespace headgate::sim {

class SubscriberModel {
 public:
  /// `plan`, `log` and the timers' engine outlive the model.
  SubscriberModel(const SubscriberPlan& plan, messaging::Log& log, std::uint64_t seed,
                  BusTimers timers);

  /// The topic has an event that draws by `draw` at the next offset.
  void added(std::uint64_t draw, bool measured);
  /// The reader is done with an event.
  void on_done();

  [[nodiscard]] std::uint64_t depth() const noexcept { return backlog_.depth(); }
  void measure(bool on) { backlog_.measure(timers_.now(), on); }
  /// Asserts that every event was handled.
  void check_books();
  [[nodiscard]] BacklogOutcome take_outcome() { return backlog_.take_outcome(); }

 private:
  void start();

  const SubscriberPlan* plan_;
  BusTimers timers_;
  Draws work_draws_;
  messaging::Topic topic_;
  Backlog backlog_;
  bool idle_ = true;
};

}  // namespace headgate::sim
