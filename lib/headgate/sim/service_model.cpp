#include "headgate/sim/service_model.hpp"

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

}  // namespace

ServiceModel::ServiceModel(const ServicePlan& plan, std::uint64_t seed)
    : plan_(&plan),
      pool_(pool_of(plan)),
      pick_draws_(seed, "services." + plan.name, "pick"),
      work_draws_(seed, "services." + plan.name, "time"),
      books_(plan.targets.size()) {
  for (const TargetPlan& target : plan.targets) {
    stations_.emplace_back(target.station);
  }
}

void ServiceModel::check_books(TimePoint now) noexcept {
  for (std::size_t i = 0; i < stations_.size(); ++i) {
    HG_ASSERT(pool_.targets()[i].in_flight == 0);
    HG_ASSERT(stations_[i].busy() == 0 && stations_[i].waiting() == 0);
    const Station::Integrals sums = stations_[i].integrals(now);
    HG_ASSERT(sums.busy == books_[i].busy_ns);
    HG_ASSERT(sums.waiting == books_[i].waiting_ns);
  }
}

}  // namespace headgate::sim
