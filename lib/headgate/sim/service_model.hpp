// A service on virtual time: the production balancer in front of a station per target.
//
// The balancer sees what it sees in the gateway: the number of requests in flight to each target,
// truthfully. The work a request brings is drawn by request and service, not by target, so that it
// is the same whichever target a policy picks (and a slower target stretches it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/core/check.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/station.hpp"

namespace headgate::sim {

class ServiceModel {
 public:
  /// Requires: a plan whose balancer make() accepts; it outlives the model.
  ServiceModel(const ServicePlan& plan, std::uint64_t seed);

  /// The target for `request`, of a caller with this key; it counts as in flight until done() or
  /// release().
  [[nodiscard]] std::uint32_t pick(std::uint64_t request, std::uint64_t key,
                                   TimePoint now) noexcept {
    Random random = pick_draws_.of(request);
    const std::optional<std::size_t> picked = pool_.pick({.now = now, .key = key}, random);
    HG_ASSERT(picked && *picked < stations_.size());  // no target of a simulation is unavailable
    return static_cast<std::uint32_t>(*picked);
  }

  /// The request is answered, refused or timed out: the balancer learns how it went.
  void done(std::uint32_t target, const balance::Outcome& outcome, TimePoint now) noexcept {
    pool_.done(target, outcome, now);
  }
  /// The client has given up: the balancer counts the request no more.
  void release(std::uint32_t target) noexcept { pool_.release(target); }

  /// The service time of `request` at `target`.
  [[nodiscard]] Duration work_of(std::uint64_t request, std::uint32_t target) const noexcept {
    Random random = work_draws_.of(request);
    return plan_->targets[target].time.sample(random);
  }

  Station::Arrival arrive(std::uint32_t target, TimePoint now, std::uint32_t request) {
    return stations_[target].arrive(now, request);
  }
  std::optional<std::uint32_t> finish(std::uint32_t target, TimePoint now) noexcept {
    return stations_[target].finish(now);
  }

  /// A request starts its service after `waited`, to work for `work`.
  void book(std::uint32_t target, Duration waited, Duration work) noexcept {
    books_[target].waiting_ns += waited.count();
    books_[target].busy_ns += work.count();
  }

  [[nodiscard]] Station::Integrals integrals(std::uint32_t target, TimePoint now) noexcept {
    return stations_[target].integrals(now);
  }

  /// Asserts that the run ended empty and that the integrals of each station are the sums of what
  /// its requests waited and worked: Little's law and the utilisation law, exactly.
  void check_books(TimePoint now) noexcept;

 private:
  struct Book {
    Int128 busy_ns = 0;
    Int128 waiting_ns = 0;
  };

  const ServicePlan* plan_;
  balance::Pool pool_;
  Draws pick_draws_;
  Draws work_draws_;
  std::vector<Station> stations_;
  std::vector<Book> books_;  // sums over the requests, against the stations' integrals over time
};

}  // namespace headgate::sim
