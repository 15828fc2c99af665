// How much work a plan's requests bring, and how much its services can do.
#include <algorithm>
#include <cstddef>
#include <limits>

#include "headgate/sim/plan.hpp"

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

double full_load_of(const Plan& plan) {
  std::vector<double> shares(plan.services.size());
  std::vector<double> topic_shares(plan.broker.size());
  double before = 0;
  for (const RequestKind& kind : plan.kinds) {
    if (kind.route != RequestKind::kNoRoute) {
      const RoutePlan& route = plan.routes[kind.route];
      const double share = kind.share_up_to - before;
      if (route.service == RoutePlan::kNoService) {
        topic_shares[route.topic] += share;
      } else {
        shares[route.service] += share * plan.services[route.service].calls_of(kind);
      }
    }
    before = kind.share_up_to;
  }
  double rate = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] > 0) rate = std::min(rate, plan.services[i].capacity_per_s() / shares[i]);
  }
  for (std::size_t i = 0; i < topic_shares.size(); ++i) {
    if (topic_shares[i] > 0) {
      rate = std::min(rate, plan.broker[i].capacity_per_s() / topic_shares[i]);
    }
  }
  return rate;
}

}  // namespace headgate::sim
