#include "headgate/sim/subscriber_model.hpp"

#include "headgate/core/check.hpp"

namespace headgate::sim {

SubscriberModel::SubscriberModel(const SubscriberPlan& plan, messaging::Log& log,
                                 std::uint64_t seed, BusTimers timers)
    : plan_(&plan),
      timers_(timers),
      work_draws_(seed, "subscribers." + plan.config.name, "process"),
      topic_(messaging::Topic::open(log, plan.topic()).value()) {}

void SubscriberModel::added(std::uint64_t draw, bool measured) {
  backlog_.add(timers_.now(), draw, measured);
  if (idle_) start();
}

void SubscriberModel::start() {
  const std::uint64_t next = topic_.position(plan_->config.name);
  idle_ = next == topic_.watermarks().value().end;
  if (idle_) return;
  Random random = work_draws_.of(backlog_[next].draw);
  timers_.at(timers_.now() + plan_->config.process.sample(random), 0);
}

void SubscriberModel::on_done() {
  const std::uint64_t offset = topic_.position(plan_->config.name);
  topic_.commit(plan_->config.name, offset + 1,
                [](const Result<std::uint64_t>& committed) { HG_ASSERT(committed.has_value()); });
  backlog_.done(timers_.now(), offset);
  start();
}

void SubscriberModel::check_books() {
  HG_ASSERT(idle_ && backlog_.depth() == 0);
  HG_ASSERT(topic_.position(plan_->config.name) == backlog_.size());
}

}  // namespace headgate::sim
