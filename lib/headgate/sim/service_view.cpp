#include "headgate/sim/service_view.hpp"

#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::sim {
namespace {

balance::Pool pool_of(const ServicePlan& plan) {
  std::vector<balance::TargetInfo> infos;
  infos.reserve(plan.targets.size());
  for (const TargetPlan& target : plan.targets) {
    infos.push_back(
        {.id = balance::id_of(target.name), .weight = target.weight, .locality = target.locality});
  }
  return balance::Pool::make(plan.balance, infos).value();
}

std::uint64_t guard_seed(const ServicePlan& plan, std::uint64_t seed) {
  return hash64("guard", hash64(plan.name, seed));
}

}  // namespace

ServiceView::ServiceView(const ServicePlan& plan, std::uint64_t seed, std::uint32_t gateway)
    : pool_(pool_of(plan)),
      guard_(resilience::Guard::make(plan.guard, plan.targets.size(),
                                     draw_of(guard_seed(plan, seed), gateway))
                 .value()),
      pick_draws_(draw_of(seed, gateway), "services." + plan.name, "pick") {}

/// Leave first, then a target, as in the gateway.
template <class Pick>
std::expected<ServiceView::Place, ServiceView::NoPlace> ServiceView::guarded(TimePoint now,
                                                                             Pick pick) noexcept {
  std::expected<resilience::Guard::Pass, resilience::Guard::Refusal> pass = guard_.admit(now);
  if (!pass) return std::unexpected(NoPlace{.shed = pass.error().retry_after > Duration::zero()});
  const std::optional<std::size_t> target = pick();
  if (!target) {
    guard_.abandon(*std::move(pass));
    return std::unexpected(NoPlace{});
  }
  return Place{.target = static_cast<std::uint32_t>(*target), .pass = *std::move(pass)};
}

std::expected<ServiceView::Place, ServiceView::NoPlace> ServiceView::pick(
    std::uint64_t request, const balance::Call& call) noexcept {
  Random random = pick_draws_.of(request);
  auto place = guarded(call.now, [&] { return pool_.pick(call, random); });
  if (place) guard_.on_request(call.now);
  return place;
}

std::expected<ServiceView::Place, ServiceView::NoPlace> ServiceView::pick_again(
    std::uint64_t request, std::uint32_t attempt, const balance::Call& call,
    std::uint32_t avoid) noexcept {
  Random random = pick_draws_.of(draw_of(request, attempt));
  return guarded(call.now, [&] { return pool_.pick_other(call, avoid, random); });
}

void ServiceView::done(std::uint32_t target, resilience::Guard::Pass pass,
                       const resilience::AttemptEnd& end, TimePoint now) noexcept {
  pool_.done(target, {.latency = end.latency, .failed = end.failed}, now);
  guard_.settle(std::move(pass), target, end, now,
                [&](std::size_t out, TimePoint until) { pool_.eject(out, until, now); });
}

void ServiceView::check_empty() const noexcept {
  for (const balance::Target& target : pool_.targets()) HG_ASSERT(target.in_flight == 0);
}

}  // namespace headgate::sim
