// The way of a request to a topic, and of what it leaves behind in others.
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/sim/recording.hpp"
#include "headgate/sim/run.hpp"

namespace headgate::sim {

// The route leads to a topic: answered when the record is acknowledged; to a queue: at once.
void Run::publish(std::uint32_t index) {
  Request& request = requests_[index];
  const Plan& config = config_of(request);
  const RoutePlan& route = config.routes[config.kinds[request.kind].route];
  if (route.queue != RoutePlan::kNoQueue) {
    publish_on_bus(plan_.queues[route.queue].name, request);
    return leave(index, Answer::kOk, {});
  }
  const std::uint32_t topic = route.topic;
  request.waiter = waiters_.take(index);
  if (broker_.publish(
          topic, {.number = request.id, .waiter = request.waiter, .measured = request.measured})) {
    if (recording_ != nullptr) recording_->published(now(), topic);
    return;
  }
  waiters_.free(std::exchange(request.waiter, kNobody));
  leave(index, Answer::kRefused, {.kind = resilience::Fault::Kind::kStatus, .status = 503});
}

void Run::on_broker(std::uint32_t event) {
  for (const Acknowledged& acknowledged : broker_.on_event(event)) {
    const std::uint32_t index = waiters_[acknowledged.waiter];
    waiters_.free(acknowledged.waiter);
    if (index == kNobody) continue;  // its client has gone
    requests_[index].waiter = kNobody;
    leave(index, acknowledged.ok ? Answer::kOk : Answer::kFailed,
          {.kind = resilience::Fault::Kind::kStatus, .status = acknowledged.ok ? 202 : 503});
  }
  if (recording_ == nullptr) return;
  const std::uint32_t topic = BrokerEvent::of(event).topic;
  recording_->lag(now(), topic, broker_.lag(topic));
}

void Run::on_bus(std::uint32_t event) {
  HG_ASSERT(bus_.has_value());
  bus_->on_event(event);
  record_depths();
}

void Run::publish_on_bus(const std::string& topic, const Request& request) {
  HG_ASSERT(bus_.has_value());
  bus_->publish(topic, request.id, request.measured);
  record_depths();
}

void Run::record_depths() {
  if (recording_ == nullptr) return;
  HG_ASSERT(bus_.has_value());
  bus_->each_depth([this](std::uint32_t reader, std::uint64_t messages) {
    recording_->depth(now(), reader, messages);
  });
}

// One for each `publish` of its route; nobody waits for them.
void Run::publish_events(const Request& request) {
  const Plan& config = config_of(request);
  const std::uint32_t route = config.kinds[request.kind].route;
  if (route == RequestKind::kNoRoute) return;
  for (const FilterPlan& filter : config.routes[route].filters) {
    if (filter.kind != FilterPlan::Kind::kPublish) continue;
    if (broker_.has(filter.index)) {
      static_cast<void>(broker_.publish(  // what a full buffer refuses, it counts
          filter.index, {.number = request.id, .measured = request.measured}));
    }
    if (bus_) publish_on_bus(plan_.topics[filter.index], request);
  }
}

}  // namespace headgate::sim
