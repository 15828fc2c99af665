#include "headgate/sim/service_model.hpp"

#include <string>

#include "headgate/core/check.hpp"

namespace headgate::sim {
namespace {

TargetModel target_of(const ServicePlan& service, const TargetPlan& plan, Links& links) {
  TargetModel target{.station = Station{plan.station, links}};
  if (plan.station.discipline == Discipline::kProcessorSharing) {
    target.station = SharedStation{plan.station.servers};
  }
  if (service.codel) target.codel = resilience::Codel::make(*service.codel).value();
  return target;
}

}  // namespace

ServiceModel::ServiceModel(const ServicePlan& plan, std::uint64_t seed, Links& links)
    : plan_(&plan),
      work_draws_(seed, "services." + plan.name, "time"),
      patience_draws_(seed, "services." + plan.name, "patience"),
      cache_draws_(seed, "services." + plan.name, "cache"),
      loss_draws_(seed, "services." + plan.name, "loss"),
      pause_draws_(seed, "services." + plan.name, "pause") {
  targets_.reserve(plan.targets.size());
  for (const TargetPlan& target : plan.targets) {
    targets_.push_back(target_of(plan, target, links));
  }
}

Duration ServiceModel::patience_of(std::uint64_t request) const noexcept {
  HG_ASSERT(plan_->patience.has_value());
  Random random = patience_draws_.of(request);
  return plan_->patience->sample(random);
}

std::optional<Duration> ServiceModel::cached(std::uint64_t request) const noexcept {
  if (!plan_->cache) return std::nullopt;
  Random random = cache_draws_.of(request);
  if (random.uniform() >= plan_->cache->hits.of_one) return std::nullopt;
  return plan_->cache->time.sample(random);
}

bool ServiceModel::loses(std::uint64_t request, std::uint32_t attempt,
                         double share) const noexcept {
  if (share <= 0) return false;
  return loss_draws_.of(draw_of(request, attempt)).uniform() < share;
}

// Two draws of one stream for each pause: the wait before it, then its length.
Duration ServiceModel::pause_after(std::uint32_t target) const noexcept {
  HG_ASSERT(plan_->pauses.has_value());
  Random random = pause_draws_.of(combine64(target, targets_[target].pauses));
  return plan_->pauses->every.sample(random);
}

Duration ServiceModel::pause_length(std::uint32_t target) const noexcept {
  HG_ASSERT(plan_->pauses.has_value());
  Random random = pause_draws_.of(combine64(target, targets_[target].pauses));
  random.bits();
  return plan_->pauses->length.sample(random);
}

Station::Integrals ServiceModel::integrals(std::uint32_t target, TimePoint now) noexcept {
  auto& station = targets_[target].station;
  if (auto* shared = std::get_if<SharedStation>(&station)) {
    return {.busy = shared->busy_ns(now), .waiting = 0};
  }
  return std::get_if<Station>(&station)->integrals(now);
}

void ServiceModel::check_books(TimePoint now) noexcept {
  for (std::uint32_t i = 0; i < targets_.size(); ++i) {
    const TargetModel& target = targets_[i];
    const Station::Integrals sums = integrals(i, now);
    if (const auto* shared = std::get_if<SharedStation>(&target.station)) {
      HG_ASSERT(shared->size() == 0);
      const Int128 more = sums.busy - target.busy_ns;  // see shared_station.hpp
      const auto servers = static_cast<Int128>(plan_->targets[i].station.servers);
      HG_ASSERT(more >= -Int128{1} - target.shared_ends && more <= servers * target.shared_ends);
      continue;
    }
    const auto* station = std::get_if<Station>(&target.station);
    HG_ASSERT(station->busy() == 0 && station->waiting() == 0);
    HG_ASSERT(sums.busy == target.busy_ns);
    HG_ASSERT(sums.waiting == target.waiting_ns);
  }
}

}  // namespace headgate::sim
