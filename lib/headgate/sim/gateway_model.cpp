#include "headgate/sim/gateway_model.hpp"

#include <string_view>
#include <utility>

#include "headgate/core/hash.hpp"

namespace headgate::sim {

GatewayModel::GatewayModel(const Plan& plan, std::uint64_t seed)
    : plan_(&plan), routes_(plan.routes.size()), published_(plan.topics.size()) {
  for (std::size_t route = 0; route < plan.routes.size(); ++route) {
    for (const FilterPlan& filter : plan.routes[route].filters) {
      if (filter.kind != FilterPlan::Kind::kRateLimit) continue;
      routes_[route].push_back(make_filter(
          std::span{plan.limiters}.subspan(filter.index, filter.count), filter.index, seed));
    }
  }
}

GatewayModel::Filter GatewayModel::make_filter(std::span<const LimiterPlan> plans,
                                               std::size_t number, std::uint64_t seed) {
  std::vector<ratelimit::Limiter> limiters;
  std::vector<std::vector<std::uint64_t>> keys(plan_->kinds.size());
  for (const LimiterPlan& plan : plans) {
    limiters.push_back(
        ratelimit::make(plan.spec, {.seed = hash64("gateway", combine64(seed, number++))}).value());
    for (std::size_t kind = 0; kind < plan.callers.size(); ++kind) {
      const std::vector<std::string_view> views(plan.callers[kind].begin(),
                                                plan.callers[kind].end());
      keys[kind].push_back(limiters.back().key(views));
    }
  }
  return {.chain = ratelimit::Chain{std::move(limiters)}, .keys = std::move(keys)};
}

GatewayModel::Passage GatewayModel::admit(std::uint32_t kind, TimePoint now) noexcept {
  const std::uint32_t route = plan_->kinds[kind].route;
  if (route == RequestKind::kNoRoute) return {.verdict = Verdict::kNoRoute};
  Passage passage{.verdict = Verdict::kAdmitted, .service = plan_->routes[route].service};
  for (std::size_t i = 0; i < routes_[route].size(); ++i) {
    Filter& filter = routes_[route][i];
    const ratelimit::Decision decision = filter.chain.admit(filter.keys[kind], now).decision;
    if (!decision.admitted) {
      for (std::size_t j = 0; j < i; ++j) {
        routes_[route][j].chain.refund(routes_[route][j].keys[kind], now);
      }
      return {.verdict = Verdict::kRefused};
    }
    // Held by one filter, a request meets the next only then.
    passage.delay += decision.delay;
    now += decision.delay;
  }
  return passage;
}

void GatewayModel::release(std::uint32_t kind) noexcept {
  const std::uint32_t route = plan_->kinds[kind].route;
  if (route == RequestKind::kNoRoute) return;
  for (Filter& filter : routes_[route]) {
    // A place knows no time.
    if (filter.chain.holds_places()) filter.chain.release(filter.keys[kind], TimePoint{});
  }
}

void GatewayModel::answered(std::uint32_t kind) noexcept {
  const std::uint32_t route = plan_->kinds[kind].route;
  if (route == RequestKind::kNoRoute) return;
  for (const FilterPlan& filter : plan_->routes[route].filters) {
    if (filter.kind == FilterPlan::Kind::kPublish) ++published_[filter.index];
  }
}

}  // namespace headgate::sim
