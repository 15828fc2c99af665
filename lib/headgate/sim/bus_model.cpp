#include "headgate/sim/bus_model.hpp"

#include <limits>
#include <string>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::sim {
namespace {

/// A run is bounded by its horizon, not by the memory that a gateway would grant.
constexpr messaging::MemoryLog::Options kUnbounded{
    .max_bytes = {std::numeric_limits<std::uint64_t>::max()},
    .max_records = std::numeric_limits<std::size_t>::max()};

}  // namespace

BusModel::BusModel(const Plan& plan, std::uint64_t seed, Engine<Event>& engine) : log_(kUnbounded) {
  std::uint32_t reader = 0;
  for (const QueuePlan& of : plan.queues) {
    QueueModel& queue = queues_.emplace_back(of, log_, seed, BusTimers{engine, reader++});
    bus_.subscribe(bus::Pattern::compile(of.name).value(), log_, of.name);
    readers_[of.name] = [&queue](std::uint64_t draw, bool measured) {
      queue.added(draw, measured);
    };
  }
  for (const SubscriberPlan& of : plan.subscribers) {
    auto& subscriber = subscribers_.emplace_back(of, log_, seed, BusTimers{engine, reader++});
    bus_.subscribe(of.pattern, log_, of.topic());
    readers_[of.topic()] = [&subscriber](std::uint64_t draw, bool measured) {
      subscriber.added(draw, measured);
    };
  }
}

void BusModel::publish(std::string_view topic, std::uint64_t number, bool measured) {
  bus::Event event;
  event.id = std::to_string(number);
  event.source = "/sim";
  event.type = "headgate.request.answered";
  // Two events of one request bring work of their own.
  const std::uint64_t draw = combine64(number, hash64(topic));
  bus_.publish(topic, std::move(event),
               [this, draw, measured](const Result<std::vector<bus::Placement>>& placed) {
                 HG_ASSERT(placed.has_value());  // a log without bounds takes everything
                 for (const bus::Placement& at : *placed) readers_.at(at.topic)(draw, measured);
               });
}

void BusModel::on_event(std::uint32_t index) {
  const BusEvent event = BusEvent::of(index);
  if (event.reader < queues_.size()) return queues_[event.reader].on_event(event.part);
  subscribers_[event.reader - queues_.size()].on_done();
}

void BusModel::measure(bool on) {
  for (QueueModel& queue : queues_) queue.measure(on);
  for (SubscriberModel& subscriber : subscribers_) subscriber.measure(on);
}

void BusModel::check_books() {
  for (QueueModel& queue : queues_) queue.check_books();
  for (SubscriberModel& subscriber : subscribers_) subscriber.check_books();
}

BusOutcome BusModel::take_outcomes() {
  BusOutcome outcomes;
  for (QueueModel& queue : queues_) outcomes.queues.push_back(queue.take_outcome());
  for (SubscriberModel& of : subscribers_) outcomes.subscribers.push_back(of.take_outcome());
  return outcomes;
}

}  // namespace headgate::sim
