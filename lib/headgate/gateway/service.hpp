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
#include "headgate/net/address.hpp"

namespace headgate::gateway {

struct ServiceTarget {
  std::string name;
  std::string authority;  ///< `HOST:PORT` as configured, for requests that bring no Host
  net::Address address;
  std::size_t number = 0;  ///< over all services: index of pools and counters
  std::uint64_t id = 0;    ///< for the balancer: the hash of its name
  std::string cookie;      ///< field line that binds a client to it; empty: none does
};

class Service {
 public:
  /// Looks up the targets' names: blocks. `number` is that of the first target. Fails with the
  /// resolver's or the balancer's error.
  [[nodiscard]] static Result<std::unique_ptr<Service>> make(const config::ServiceConfig& config,
                                                             std::size_t number,
                                                             std::uint64_t seed);

  /// What the balancer gets to know of a request. Thread-safe.
  [[nodiscard]] balance::Call call_of(const Caller& caller, TimePoint now) const noexcept {
    return affinity_.call(caller, now);
  }
  /// The target of the next request, which counts as in flight there until `done`; nothing if none
  /// is available. Thread-safe.
  [[nodiscard]] std::optional<std::size_t> pick(const balance::Call& call) noexcept;
  /// A request that `pick` gave to `target` is over, one way or the other. Thread-safe.
  void done(std::size_t target, const balance::Outcome& outcome, TimePoint now) noexcept;
  /// The same for one whose end says nothing of the target: the client left. Thread-safe.
  void release(std::size_t target) noexcept;
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
  Service(config::ServiceConfig config, Affinity affinity, balance::Pool pool, std::uint64_t seed);

  const config::ServiceConfig config_;
  const Affinity affinity_;
  std::vector<ServiceTarget> targets_;  // not changed after make
  mutable std::mutex mutex_;
  balance::Pool pool_;  // these two are guarded by mutex_
  Random random_;
};

}  // namespace headgate::gateway
