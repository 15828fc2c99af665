#include "headgate/gateway/service.hpp"

#include <utility>

namespace headgate::gateway {
namespace {

Outcome outcome_of(Guard::Rule rule) noexcept {
  switch (rule) {
    case Guard::Rule::kBreaker:
      return Outcome::kBreakerOpen;
    case Guard::Rule::kConcurrency:
      return Outcome::kOverloaded;
    case Guard::Rule::kThrottle:
      break;
  }
  return Outcome::kThrottled;
}

}  // namespace

Service::Service(config::ServiceConfig config, Affinity affinity, balance::Pool pool, Guard guard,
                 std::uint64_t seed)
    : config_(std::move(config)),
      affinity_(std::move(affinity)),
      pool_(std::move(pool)),
      guard_(std::move(guard)),
      random_(seed) {}

Result<std::unique_ptr<Service>> Service::make(const config::ServiceConfig& config,
                                               std::size_t number, std::uint64_t seed) {
  std::vector<balance::TargetInfo> infos;
  infos.reserve(config.targets.size());
  for (const config::TargetConfig& target : config.targets) {
    infos.push_back(
        {.id = balance::id_of(target.name), .weight = target.weight, .locality = target.locality});
  }
  Result<balance::Pool> pool = balance::Pool::make(config.balance, infos);
  if (!pool) return std::unexpected(pool.error());
  Result<Affinity> affinity = Affinity::make(config.balance);
  if (!affinity) return std::unexpected(affinity.error());
  Result<Guard> guard = Guard::make(config.guard(), infos.size(), hash64("guard", seed));
  if (!guard) return std::unexpected(guard.error());
  std::unique_ptr<Service> service{
      new Service(config, *std::move(affinity), *std::move(pool), *std::move(guard), seed)};
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

/// Leave first, then a target: without a target the leave was not used.
template <class Pick>
std::expected<Ticket, NoPlace> Service::guarded(TimePoint now, Pick pick) noexcept {
  std::expected<Guard::Pass, Guard::Refusal> pass = guard_.admit(now);
  if (!pass) {
    return std::unexpected(
        NoPlace{.outcome = outcome_of(pass.error().rule), .retry_after = pass.error().retry_after});
  }
  const std::optional<std::size_t> target = pick();
  if (!target) {
    guard_.abandon(*std::move(pass));
    return std::unexpected(NoPlace{});
  }
  return Ticket{.target = *target, .pass = *std::move(pass)};
}

std::expected<Ticket, NoPlace> Service::pick(const balance::Call& call) noexcept {
  const std::scoped_lock lock{mutex_};
  auto ticket = guarded(call.now, [&] { return pool_.pick(call, random_); });
  if (ticket) guard_.on_request(call.now);
  return ticket;
}

std::expected<Ticket, NoPlace> Service::pick_again(const balance::Call& call,
                                                   std::size_t avoid) noexcept {
  const std::scoped_lock lock{mutex_};
  return guarded(call.now, [&] { return pool_.pick_other(call, avoid, random_); });
}

void Service::done(Ticket ticket, const AttemptEnd& end, TimePoint now) noexcept {
  const std::scoped_lock lock{mutex_};
  pool_.done(ticket.target, {.latency = end.latency, .failed = end.failed}, now);
  guard_.settle(std::move(ticket.pass), ticket.target, end, now,
                [&](std::size_t target, TimePoint until) { pool_.eject(target, until, now); });
}

void Service::release(Ticket ticket) noexcept {
  const std::scoped_lock lock{mutex_};
  pool_.release(ticket.target);
  guard_.abandon(std::move(ticket.pass));
}

std::optional<Duration> Service::retry(const resilience::Fault& fault, bool repeatable,
                                       resilience::RetryState& state, TimePoint now) noexcept {
  const std::scoped_lock lock{mutex_};
  return guard_.retry(fault, repeatable, state, now);
}

Guard::Figures Service::figures() const {
  const std::scoped_lock lock{mutex_};
  return guard_.figures();
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
