#include "headgate/sim/service_model.hpp"

namespace headgate::sim {

ServiceModel::ServiceModel(const ServicePlan& plan, std::uint64_t seed)
    : plan_(&plan),
      balancer_(balance::make(plan.balance).value()),
      pick_draws_(seed, "services." + plan.name, "pick"),
      work_draws_(seed, "services." + plan.name, "time"),
      books_(plan.targets.size()) {
  for (const TargetPlan& target : plan.targets) {
    targets_.push_back({.in_flight = 0, .weight = target.weight, .available = true});
    stations_.emplace_back(target.station);
  }
}

void ServiceModel::check_books(TimePoint now) noexcept {
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    HG_ASSERT(targets_[i].in_flight == 0);
    HG_ASSERT(stations_[i].busy() == 0 && stations_[i].waiting() == 0);
    const Station::Integrals sums = stations_[i].integrals(now);
    HG_ASSERT(sums.busy == books_[i].busy_ns);
    HG_ASSERT(sums.waiting == books_[i].waiting_ns);
  }
}

}  // namespace headgate::sim
