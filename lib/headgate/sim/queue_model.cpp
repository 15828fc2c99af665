#include "headgate/sim/queue_model.hpp"

#include <algorithm>
#include <limits>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::sim {

queue::Queue::Options queue_options(const QueuePlan& plan) {
  return {.name = plan.name,
          .lease = plan.lease,
          .max_deliveries = plan.max_deliveries,
          .dead_letter = plan.dead_letter,
          .max_leased = std::numeric_limits<std::size_t>::max()};
}

QueueModel::QueueModel(const QueuePlan& plan, messaging::Log& log, std::uint64_t seed,
                       BusTimers timers)
    : plan_(&plan),
      timers_(timers),
      work_draws_(seed, "queues." + plan.name, "process"),
      fate_draws_(seed, "queues." + plan.name, "fate"),
      queue_(queue::Queue::open(log, queue_options(plan)).value()),
      at_work_(plan.consumers.consumers) {
  for (std::uint32_t i = plan.consumers.consumers; i > 0; --i) idle_.push_back(i - 1);
}

void QueueModel::added(std::uint64_t draw, bool measured) {
  backlog_.add(now(), draw, measured);
  hand_out();
}

void QueueModel::on_event(std::uint32_t part) {
  if (part == BusEvent::kTimeout) {
    timer_at_.reset();
    queue_.on_timeout(now());
  } else {
    finish(part);
  }
  hand_out();
}

// Whoever has nothing to do takes the oldest message.
void QueueModel::hand_out() {
  while (!idle_.empty()) {
    const auto deliveries = queue_.lease(now(), 1);
    HG_ASSERT(deliveries.has_value());
    if (deliveries->empty()) break;
    const std::uint32_t consumer = idle_.back();
    idle_.pop_back();
    start(consumer, deliveries->front().receipt);
  }
  note_dead();
  set_timer();
}

void QueueModel::start(std::uint32_t consumer, const queue::Receipt& receipt) {
  at_work_[consumer] = receipt;
  if (receipt.delivery > 1) backlog_.redelivered();
  Random random = work_draws_.of(combine64(backlog_[receipt.offset].draw, receipt.delivery));
  timers_.at(now() + plan_->consumers.process.sample(random), consumer);
}

void QueueModel::finish(std::uint32_t consumer) {
  const queue::Receipt receipt = at_work_[consumer];
  idle_.push_back(consumer);
  Random random = fate_draws_.of(combine64(backlog_[receipt.offset].draw, receipt.delivery));
  const double fate = random.uniform();
  const double crashes = plan_->consumers.crashes.of_one;
  if (fate < crashes) return;  // and is back, without what it had
  if (fate < crashes + plan_->consumers.fails.of_one) {
    // A receipt that ran out is another's by now: the queue refuses it, and nothing is lost.
    return queue_.nack(now(), receipt, plan_->consumers.retry_delay, [](const Result<void>&) {});
  }
  queue_.ack(now(), receipt, [this, offset = receipt.offset](const Result<void>& settled) {
    if (settled) backlog_.done(now(), offset);
  });
}

// The queue gives messages up by itself; its count says how many.
void QueueModel::note_dead() {
  const std::uint64_t dead = queue_.stats().dead;
  if (dead == dead_) return;
  backlog_.dead(now(), dead - dead_);
  dead_ = dead;
}

void QueueModel::set_timer() {
  const std::optional<TimePoint> next = queue_.next_timeout();
  if (next == timer_at_) return;
  if (timer_at_) timers_.cancel(timer_);
  timer_at_ = next;
  if (next) timer_ = timers_.at(std::max(*next, now()), BusEvent::kTimeout);
}

void QueueModel::check_books() {
  const queue::Queue::Stats stats = queue_.stats();
  HG_ASSERT(stats.ready == 0 && stats.leased == 0 && stats.delayed == 0 && stats.settling == 0);
  HG_ASSERT(stats.acked + stats.dead == backlog_.size());
  HG_ASSERT(backlog_.depth() == 0 && idle_.size() == at_work_.size());
}

}  // namespace headgate::sim
