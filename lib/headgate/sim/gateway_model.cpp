#include "headgate/sim/gateway_model.hpp"

#include <string_view>

#include "headgate/core/hash.hpp"

namespace headgate::sim {

GatewayModel::GatewayModel(const Plan& plan, std::uint64_t seed)
    : plan_(&plan), published_(plan.topics.size()) {
  limiters_.reserve(plan.limiters.size());
  for (const LimiterPlan& limiter : plan.limiters) {
    limiters_.push_back(
        ratelimit::make(limiter.spec, hash64("gateway", combine64(seed, limiters_.size())))
            .value());
    std::vector<std::uint64_t> keys;
    for (const std::vector<std::string>& parts : limiter.callers) {
      const std::vector<std::string_view> views(parts.begin(), parts.end());
      keys.push_back(limiters_.back().key(views));
    }
    keys_.push_back(std::move(keys));
  }
}

GatewayModel::Passage GatewayModel::admit(std::uint32_t kind, TimePoint now) noexcept {
  const std::uint32_t route = plan_->kinds[kind].route;
  if (route == RequestKind::kNoRoute) return {.verdict = Verdict::kNoRoute};
  const RoutePlan& taken = plan_->routes[route];
  for (const FilterPlan& filter : taken.filters) {
    if (filter.kind != FilterPlan::Kind::kRateLimit) continue;
    const std::uint64_t key = keys_[filter.index][kind];
    if (!limiters_[filter.index].admit(key, now).admitted) return {.verdict = Verdict::kRefused};
  }
  return {.verdict = Verdict::kAdmitted, .service = taken.service};
}

void GatewayModel::answered(std::uint32_t kind) noexcept {
  const std::uint32_t route = plan_->kinds[kind].route;
  if (route == RequestKind::kNoRoute) return;
  for (const FilterPlan& filter : plan_->routes[route].filters) {
    if (filter.kind == FilterPlan::Kind::kPublish) ++published_[filter.index];
  }
}

}  // namespace headgate::sim
