// A pool of targets as the running gateway sees it: who is there, how busy each is, whose turn it
// is.
//
// One balancer and one set of in-flight counts serve all workers, behind a lock that is held for
// some ten nanoseconds. The alternative, a balancer in every worker, needs no lock; but then "least
// requests" would compare a worker's own share only, round robin would be as many round robins as
// there are cores, and what the simulator predicts from one balancer would be about another
// gateway.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/gateway/affinity.hpp"
#include "headgate/gateway/caller.hpp"
#include "headgate/gateway/outcome.hpp"
#include "headgate/net/address.hpp"
#include "headgate/resilience/guard.hpp"

namespace headgate::gateway {

struct ServiceTarget {
  std::string name;
  std::string authority;  ///< `HOST:PORT` as configured, for requests that bring no Host
  net::Address address;
  std::size_t number = 0;  ///< over all services: index of pools and counters
  std::uint64_t id = 0;    ///< for the balancer: the hash of its name
  std::string cookie;      ///< field line that binds a client to it; empty: none does
};

using resilience::AttemptEnd;
using resilience::Guard;

/// Why an attempt has no place at any target.
struct NoPlace {
  Outcome outcome = Outcome::kNoTarget;
  Duration retry_after{};
};

/// An attempt's place at a target.
struct Ticket {
  std::size_t target = 0;  ///< index in Service::targets
  Guard::Pass pass;
};

class Service {
 public:
  /// Looks up the targets' names: blocks. `number` is that of the first target. Fails with the
  /// resolver's, the balancer's or the guard's error.
  [[nodiscard]] static Result<std::unique_ptr<Service>> make(const config::ServiceConfig& config,
                                                             std::size_t number,
                                                             std::uint64_t seed);

  /// What the balancer gets to know of a request. Thread-safe.
  [[nodiscard]] balance::Call call_of(const Caller& caller, TimePoint now) const noexcept {
    return affinity_.call(caller, now);
  }
  /// The target of the next request, which counts as in flight there until `done` or `release`;
  /// or why there is none. Thread-safe.
  [[nodiscard]] std::expected<Ticket, NoPlace> pick(const balance::Call& call) noexcept;
  /// The same for one that has failed at `avoid`: another target, if any is available.
  [[nodiscard]] std::expected<Ticket, NoPlace> pick_again(const balance::Call& call,
                                                          std::size_t avoid) noexcept;
  /// The attempt of `ticket` is over, one way or the other. Thread-safe.
  void done(Ticket ticket, const AttemptEnd& end, TimePoint now) noexcept;
  /// The same for one whose end says nothing of the target: the client left. Thread-safe.
  void release(Ticket ticket) noexcept;
  /// Whether a failed attempt may ever be made again.
  [[nodiscard]] bool retries() const noexcept { return config_.retry.has_value(); }
  /// Whether a failed attempt is made again, after which wait; see Guard::retry. Thread-safe.
  [[nodiscard]] std::optional<Duration> retry(const resilience::Fault& fault, bool repeatable,
                                              resilience::RetryState& state,
                                              TimePoint now) noexcept;
  /// Thread-safe.
  [[nodiscard]] Guard::Figures figures() const;
  /// What the health checks say of `target`. Thread-safe.
  void set_healthy(std::size_t target, bool healthy, TimePoint now) noexcept;
  /// Whether each target may be picked, at one instant. Thread-safe.
  [[nodiscard]] std::vector<bool> available() const;
  /// Requests in flight at each target, at one instant. Thread-safe.
  [[nodiscard]] std::vector<std::uint32_t> in_flight() const;

  [[nodiscard]] const std::string& name() const noexcept { return config_.name; }
  [[nodiscard]] const std::vector<ServiceTarget>& targets() const noexcept { return targets_; }
  [[nodiscard]] const config::ServiceConfig& config() const noexcept { return config_; }

 private:
  Service(config::ServiceConfig config, Affinity affinity, balance::Pool pool, Guard guard,
          std::uint64_t seed);
  template <class Pick>
  [[nodiscard]] std::expected<Ticket, NoPlace> guarded(TimePoint now, Pick pick) noexcept;

  const config::ServiceConfig config_;
  const Affinity affinity_;
  std::vector<ServiceTarget> targets_;  // not changed after make
  mutable std::mutex mutex_;
  balance::Pool pool_;  // these three are guarded by mutex_
  Guard guard_;
  Random random_;
};

}  // namespace headgate::gateway
