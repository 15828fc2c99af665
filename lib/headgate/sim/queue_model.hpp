// A queue on virtual time: the production queue, fed the engine's time, and consumers around it.
//
// A consumer takes one message after the other. It acknowledges what it got done, gives back what
// failed, and of what it crashed over nobody hears again until the lease ends: leases, counts of
// deliveries, delays and dead letters are the queue's own doing (queue/queue.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/messaging/log.hpp"
#include "headgate/queue/queue.hpp"
#include "headgate/sim/backlog.hpp"
#include "headgate/sim/bus_plan.hpp"
#include "headgate/sim/bus_timers.hpp"
#include "headgate/sim/draws.hpp"

namespace headgate::sim {

/// What the production queue is told; Queue::open() says whether it takes that.
[[nodiscard]] queue::Queue::Options queue_options(const QueuePlan& plan);

class QueueModel {
 public:
  /// `plan`, `log` and the timers' engine outlive the model.
  QueueModel(const QueuePlan& plan, messaging::Log& log, std::uint64_t seed, BusTimers timers);

  /// The log has a message that draws by `draw` at the next offset.
  void added(std::uint64_t draw, bool measured);
  /// A consumer is done, or BusEvent::kTimeout.
  void on_event(std::uint32_t part);

  [[nodiscard]] std::uint64_t depth() const noexcept { return backlog_.depth(); }
  void measure(bool on) { backlog_.measure(timers_.now(), on); }
  /// Asserts that every message was acknowledged or given up.
  void check_books();
  [[nodiscard]] BacklogOutcome take_outcome() { return backlog_.take_outcome(); }

 private:
  [[nodiscard]] TimePoint now() const noexcept { return timers_.now(); }
  void hand_out();
  void start(std::uint32_t consumer, const queue::Receipt& receipt);
  void finish(std::uint32_t consumer);
  void note_dead();
  void set_timer();

  const QueuePlan* plan_;
  BusTimers timers_;
  Draws work_draws_;
  Draws fate_draws_;
  queue::Queue queue_;
  Backlog backlog_;
  std::vector<queue::Receipt> at_work_;  // by consumer: what it has
  std::vector<std::uint32_t> idle_;      // consumers, the latest last
  Timer timer_{};
  std::optional<TimePoint> timer_at_;
  std::uint64_t dead_ = 0;  // of the queue's count, those that were noted
};

}  // namespace headgate::sim
