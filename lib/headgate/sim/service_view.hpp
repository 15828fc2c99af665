// A service as one gateway sees it on virtual time: the production balancer and the production
// guard (breaker, concurrency limit, throttle, outlier ejection, retries).
//
// Each gateway has a view of its own: it knows the requests that it has in flight itself, and what
// it has learned from its own answers. The targets are shared by all (service_model.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <utility>

#include "headgate/balance/pool.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/time.hpp"
#include "headgate/resilience/guard.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// What a request draws for attempt `attempt`. First attempts draw as requests do; so a policy that
/// retries meets the same customers.
[[nodiscard]] constexpr std::uint64_t draw_of(std::uint64_t request,
                                              std::uint32_t attempt) noexcept {
  return attempt == 0 ? request : combine64(request, attempt);
}

class ServiceView {
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

  /// Of gateway number `gateway`. Requires: a plan whose balancer and guard make() accepts; it
  /// outlives the view.
  ServiceView(const ServicePlan& plan, std::uint64_t seed, std::uint32_t gateway);

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
  /// What the gateway's health checks have found.
  void set_healthy(std::uint32_t target, bool healthy, TimePoint now) noexcept {
    pool_.set_healthy(target, healthy, now);
  }

  /// Asserts that nothing is in flight any more.
  void check_empty() const noexcept;

 private:
  template <class Pick>
  [[nodiscard]] std::expected<Place, NoPlace> guarded(TimePoint now, Pick pick) noexcept;

  balance::Pool pool_;
  resilience::Guard guard_;
  Draws pick_draws_;
};

}  // namespace headgate::sim
