#include "headgate/gateway/service.hpp"

#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::gateway {

Service::Service(config::ServiceConfig config, balance::Balancer balancer, std::uint64_t seed)
    : config_(std::move(config)), balancer_(std::move(balancer)), random_(seed) {}

Result<std::unique_ptr<Service>> Service::make(const config::ServiceConfig& config,
                                               std::size_t number, std::uint64_t seed) {
  Result<balance::Balancer> balancer = balance::make(config.balance);
  if (!balancer) return std::unexpected(balancer.error());
  std::unique_ptr<Service> service{new Service(config, *std::move(balancer), seed)};
  for (const config::TargetConfig& target : config.targets) {
    const Result<net::Address> address =
        net::Address::resolve(target.address.host, target.address.port);
    if (!address) return std::unexpected(address.error());
    service->targets_.push_back({.name = target.name,
                                 .authority = to_text(target.address),
                                 .address = *address,
                                 .number = number++});
    service->loads_.push_back({.in_flight = 0, .weight = target.weight, .available = true});
  }
  return service;
}

std::optional<std::size_t> Service::pick() noexcept {
  const std::scoped_lock lock{mutex_};
  const std::optional<std::size_t> target = balancer_.pick(loads_, random_);
  if (target) ++loads_[*target].in_flight;
  return target;
}

void Service::done(std::size_t target) noexcept {
  const std::scoped_lock lock{mutex_};
  HG_ASSERT(loads_[target].in_flight > 0);
  --loads_[target].in_flight;
}

void Service::set_healthy(std::size_t target, bool healthy) noexcept {
  const std::scoped_lock lock{mutex_};
  loads_[target].available = healthy;
}

std::vector<bool> Service::available() const {
  const std::scoped_lock lock{mutex_};
  std::vector<bool> all;
  for (const balance::Target& load : loads_) all.push_back(load.available);
  return all;
}

std::vector<std::uint32_t> Service::in_flight() const {
  const std::scoped_lock lock{mutex_};
  std::vector<std::uint32_t> counts;
  counts.reserve(loads_.size());
  for (const balance::Target& load : loads_) counts.push_back(load.in_flight);
  return counts;
}

}  // namespace headgate::gateway
