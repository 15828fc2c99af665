// A service on virtual time: the production balancer and the production guard (breaker, concurrency
// limit, throttle, outlier ejection, retries) in front of a station per target.
//
// The balancer sees what it sees in the gateway: the number of requests in flight to each target,
// truthfully. The work a request brings is drawn by request and service, not by target, so that it
// is the same whichever target a policy picks (and a slower target stretches it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/resilience/guard.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/station.hpp"

namespace headgate::sim {

class ServiceModel {
 public:
  /// An attempt's place at a target.
  struct Place {
    std::uint32_t target = 0;
    resilience::Guard::Pass pass;
  };
  /// Why there is none: refused with a time to come back, or no target is available.
  struct NoPlace {
    bool shed = false;
  };

  /// Requires: a plan whose balancer and guard make() accepts; it outlives the model.
  ServiceModel(const ServicePlan& plan, std::uint64_t seed);

  /// The target for the first attempt of `request`; it counts as in flight until done() or
  /// release().
  [[nodiscard]] std::expected<Place, NoPlace> pick(std::uint64_t request,
                                                   const balance::Call& call) noexcept;
  /// The same for attempt `attempt` of a request that has failed at `avoid`: another, if there is.
  [[nodiscard]] std::expected<Place, NoPlace> pick_again(std::uint64_t request,
                                                         std::uint32_t attempt,
                                                         const balance::Call& call,
                                                         std::uint32_t avoid) noexcept;

  /// The attempt is answered, refused or timed out: balancer and guard learn how it went.
  void done(std::uint32_t target, resilience::Guard::Pass pass, const resilience::AttemptEnd& end,
            TimePoint now) noexcept;
  /// The client has given up: the balancer counts the attempt no more.
  void release(std::uint32_t target, resilience::Guard::Pass pass) noexcept {
    pool_.release(target);
    guard_.abandon(std::move(pass));
  }
  /// The wait before a failed attempt is made again; nothing if it is not.
  [[nodiscard]] std::optional<Duration> retry(const resilience::Fault& fault, bool repeatable,
                                              resilience::RetryState& state,
                                              TimePoint now) noexcept {
    return guard_.retry(fault, repeatable, state, now);
  }

  /// The service time of attempt `attempt` of `request` at `target`.
  [[nodiscard]] Duration work_of(std::uint64_t request, std::uint32_t attempt,
                                 std::uint32_t target) const noexcept {
    Random random = work_draws_.of(draw_of(request, attempt));
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
  template <class Pick>
  [[nodiscard]] std::expected<Place, NoPlace> guarded(TimePoint now, Pick pick) noexcept;
  /// First attempts draw as requests do; so a policy that retries meets the same customers.
  static std::uint64_t draw_of(std::uint64_t request, std::uint32_t attempt) noexcept {
    return attempt == 0 ? request : combine64(request, attempt);
  }

  struct Book {
    Int128 busy_ns = 0;
    Int128 waiting_ns = 0;
  };

  const ServicePlan* plan_;
  balance::Pool pool_;
  resilience::Guard guard_;
  Draws pick_draws_;
  Draws work_draws_;
  std::vector<Station> stations_;
  std::vector<Book> books_;  // sums over the requests, against the stations' integrals over time
};

}  // namespace headgate::sim
