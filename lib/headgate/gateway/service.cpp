#include "headgate/gateway/service.hpp"

#include <utility>

namespace headgate::gateway {

Service::Service(config::ServiceConfig config, Affinity affinity, balance::Pool pool,
                 std::uint64_t seed)
    : config_(std::move(config)),
      affinity_(std::move(affinity)),
      pool_(std::move(pool)),
      random_(seed) {}

Result<std::unique_ptr<Service>> Service::make(const config::ServiceConfig& config,
                                               std::size_t number, std::uint64_t seed) {
  std::vector<balance::TargetInfo> infos;
  for (const config::TargetConfig& target : config.targets) {
    infos.push_back(
        {.id = balance::id_of(target.name), .weight = target.weight, .locality = target.locality});
  }
  Result<balance::Pool> pool = balance::Pool::make(config.balance, infos);
  if (!pool) return std::unexpected(pool.error());
  Result<Affinity> affinity = Affinity::make(config.balance);
  if (!affinity) return std::unexpected(affinity.error());
  std::unique_ptr<Service> service{
      new Service(config, *std::move(affinity), *std::move(pool), seed)};
  for (const config::TargetConfig& target : config.targets) {
    const Result<net::Address> address =
        net::Address::resolve(target.address.host, target.address.port);
    if (!address) return std::unexpected(address.error());
    service->targets_.push_back(
        {.name = target.name,
         .authority = to_text(target.address),
         .address = *address,
         .number = number++,
         .id = balance::id_of(target.name),
         .cookie = service->affinity_.cookie_line(balance::id_of(target.name))});
  }
  return service;
}

std::optional<std::size_t> Service::pick(const balance::Call& call) noexcept {
  const std::scoped_lock lock{mutex_};
  return pool_.pick(call, random_);
}

void Service::done(std::size_t target, const balance::Outcome& outcome, TimePoint now) noexcept {
  const std::scoped_lock lock{mutex_};
  pool_.done(target, outcome, now);
}

void Service::release(std::size_t target) noexcept {
  const std::scoped_lock lock{mutex_};
  pool_.release(target);
}

void Service::set_healthy(std::size_t target, bool healthy, TimePoint now) noexcept {
  const std::scoped_lock lock{mutex_};
  pool_.set_healthy(target, healthy, now);
}

std::vector<bool> Service::available() const {
  const std::scoped_lock lock{mutex_};
  std::vector<bool> all;
  for (const balance::Target& each : pool_.targets()) all.push_back(each.available);
  return all;
}

std::vector<std::uint32_t> Service::in_flight() const {
  const std::scoped_lock lock{mutex_};
  std::vector<std::uint32_t> counts;
  counts.reserve(targets_.size());
  for (const balance::Target& target : pool_.targets()) counts.push_back(target.in_flight);
  return counts;
}

}  // namespace headgate::gateway
