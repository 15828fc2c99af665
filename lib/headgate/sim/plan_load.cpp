#include "headgate/sim/plan_load.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace headgate::sim {

double ServicePlan::calls_of(const RequestKind& kind) const noexcept {
  double calls = fan_out > 0 ? fan_out : 1;
  if (cache) calls *= 1 - cache->hits.of_one;
  const double usual_ns = targets.front().time.mean_ns();
  if (kind.time && usual_ns > 0) calls *= kind.time->mean_ns() / usual_ns;
  return calls;
}

double ServicePlan::capacity_per_s() const noexcept {
  double capacity = 0;
  for (const TargetPlan& target : targets) {
    capacity +=
        target.station.servers * 1e9 / target.time.mean_ns();  // infinite if it takes no time
  }
  return capacity;
}

namespace {

bool is_limited(const RoutePlan& route) {
  return std::ranges::any_of(route.filters, [](const FilterPlan& filter) {
    return filter.kind == FilterPlan::Kind::kRateLimit;
  });
}

// Whether anything takes work off the service's queues but its servers; a cache takes it before.
bool is_bounded(const ServicePlan& service) {
  if (service.patience || service.codel || service.cache || service.sheds()) return true;
  return std::ranges::any_of(service.targets, [](const TargetPlan& target) {
    return target.station.queue_max != Station::kUnlimited;
  });
}

}  // namespace

std::vector<Demand> demands_of(const Plan& plan) {
  std::vector<Demand> demands;
  demands.reserve(plan.services.size() + plan.broker.size() + plan.queues.size());
  for (const ServicePlan& service : plan.services) {
    demands.push_back({.name = "services." + service.name,
                       .capacity_per_s = service.capacity_per_s(),
                       .is_bounded = is_bounded(service)});
  }
  for (const TopicPlan& topic : plan.broker) {
    demands.push_back(
        {.name = "broker.topics." + topic.config.name, .capacity_per_s = topic.capacity_per_s()});
  }
  for (const QueuePlan& queue : plan.queues) {
    demands.push_back(
        {.name = "broker.queues." + queue.name, .capacity_per_s = queue.capacity_per_s()});
  }
  double before = 0;
  for (const RequestKind& kind : plan.kinds) {
    const double share = kind.share_up_to - before;
    before = kind.share_up_to;
    if (kind.route == RequestKind::kNoRoute) continue;
    const RoutePlan& route = plan.routes[kind.route];
    std::size_t at = route.service;
    double calls = share;
    if (route.queue != RoutePlan::kNoQueue) {
      at = plan.services.size() + plan.broker.size() + route.queue;
    } else if (route.topic != RoutePlan::kNoTopic) {
      at = plan.services.size() + route.topic;
    } else {
      calls *= plan.services[route.service].calls_of(kind);
    }
    demands[at].calls += calls;
    if (!is_limited(route)) demands[at].unlimited_calls += calls;
  }
  return demands;
}

double full_load_of(const Plan& plan) {
  double rate = std::numeric_limits<double>::infinity();
  for (const Demand& demand : demands_of(plan)) {
    if (demand.calls > 0) rate = std::min(rate, demand.capacity_per_s / demand.calls);
  }
  return rate;
}

}  // namespace headgate::sim
