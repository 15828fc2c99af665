#include "headgate/sim/steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace headgate::sim {
namespace {

bool is_limited(const RoutePlan& route) {
  return std::ranges::any_of(route.filters, [](const FilterPlan& filter) {
    return filter.kind == FilterPlan::Kind::kRateLimit;
  });
}

// Whether anything takes work off the service's queues but its servers; a cache takes it before.
bool is_bounded(const ServicePlan& service) {
  if (service.patience || service.codel || service.cache) return true;
  return service.sheds() || std::ranges::any_of(service.targets, [](const TargetPlan& target) {
           return target.station.queue_max != Station::kUnlimited;
         });
}

// The calls of each service that a request makes on average, where no limiter stands before it.
std::vector<double> unlimited_calls(const Plan& plan) {
  std::vector<double> calls(plan.services.size());
  double before = 0;
  for (const RequestKind& kind : plan.kinds) {
    const double share = kind.share_up_to - before;
    before = kind.share_up_to;
    if (kind.route == RequestKind::kNoRoute) continue;
    const RoutePlan& route = plan.routes[kind.route];
    if (route.service == RoutePlan::kNoService || is_limited(route)) continue;
    calls[route.service] += share * plan.services[route.service].calls_of(kind);
  }
  return calls;
}

}  // namespace

Result<void> check_steady_state(const config::ScenarioConfig& scenario, const Plan& plan) {
  const auto rate = plan.arrivals.is_closed() ? std::nullopt : plan.arrivals.rate();
  if (plan.horizon.duration || !rate || plan.clients.deadline != kNever) return {};
  const std::vector<double> calls = unlimited_calls(plan);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const ServicePlan& service = plan.services[i];
    const double offered = rate->per_second() * calls[i];
    // A load of exactly one comes through a rate of nine digits.
    if (is_bounded(service) || offered < service.capacity_per_s() * (1 - 1e-9)) continue;
    return failed(
        Errc::kInvalidConfig, scenario.load ? "sweep.load" : "arrivals",
        fmt::format("{:.6g}/s for '{}', which can do {:.6g}/s: the queue grows for ever and there "
                    "is no steady state to measure; give run.duration, or services.{}.queue",
                    offered, service.name, service.capacity_per_s(), service.name));
  }
  return {};
}

}  // namespace headgate::sim
