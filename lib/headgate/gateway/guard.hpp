// What stands around the targets of a service: breaker, concurrency limit and throttle before a
// target is picked; ejection of outliers and retries after it has answered or failed.
//
// An attempt at a target, not a request, is what each of them counts: a retry asks for leave again,
// and waits for its turn without holding a place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <utility>

#include "headgate/balance/pool.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/gateway/outcome.hpp"

namespace headgate::gateway {

/// How an attempt at a target ended.
struct AttemptEnd {
  Duration latency{};    ///< to the head of the answer, or to its failure
  bool failed = false;   ///< no sound answer, or a status of 500 or more
  bool refused = false;  ///< no answer, or one that says "too many": 429, 503
};

/// One thread at a time. It outlives its passes. No allocation after `make`.
class Guard {
 public:
  /// Leave for one attempt. Give it back with `settle` or `abandon`.
  struct Pass {
    resilience::Breaker::Permit breaker;
    resilience::Gate::Permit place;
  };
  struct Refusal {
    Outcome outcome = Outcome::kNoTarget;
    Duration retry_after{};
  };
  struct Figures {
    std::optional<resilience::Breaker::State> breaker;
    std::uint64_t breaker_trips = 0;
    std::optional<std::uint32_t> concurrency_limit;
    std::uint32_t ejected = 0;  ///< targets at this moment
    std::uint64_t ejections = 0;
    std::uint64_t retries = 0;
    std::uint64_t retries_over_budget = 0;
  };

  /// For `targets` targets. Fails with kInvalidConfig at "breaker.FIELD" and the like.
  [[nodiscard]] static Result<Guard> make(const config::ServiceConfig& config, std::size_t targets,
                                          std::uint64_t seed);

  /// Leave for an attempt, or which rule refuses it. The breaker is asked first and the throttle
  /// last: who is refused by another must not look like one whom the service has refused.
  [[nodiscard]] std::expected<Pass, Refusal> admit(TimePoint now) noexcept;
  /// The attempt was not made, or says nothing of the service: its client left.
  void abandon(Pass pass) noexcept;
  /// The attempt has ended at `target`. Targets that fall out by it are ejected from `pool`.
  void settle(Pass pass, std::size_t target, const AttemptEnd& end, balance::Pool& pool,
              TimePoint now) noexcept;

  [[nodiscard]] bool retries() const noexcept { return retry_.has_value(); }
  /// A request has got its first target.
  void on_request(TimePoint now) noexcept {
    if (retry_) retry_->on_call(now);
  }
  /// See RetryPolicy::on_fault; nothing if there are no retries.
  [[nodiscard]] std::optional<Duration> retry(const resilience::Fault& fault, bool repeatable,
                                              resilience::RetryState& state,
                                              TimePoint now) noexcept;
  [[nodiscard]] Figures figures() const noexcept;

 private:
  explicit Guard(std::uint64_t seed) noexcept : random_(seed) {}
  void eject_outliers(std::size_t target, bool failed, balance::Pool& pool, TimePoint now) noexcept;

  std::optional<resilience::Breaker> breaker_;
  std::unique_ptr<resilience::AdaptiveConcurrency> concurrency_;  // null: unlimited
  std::optional<resilience::ClientThrottle> throttle_;
  std::optional<resilience::Outlier> outlier_;
  TimePoint outlier_due_{};  // its next timeout
  std::size_t targets_ = 0;
  std::optional<resilience::RetryPolicy> retry_;
  Random random_;  // its own: what it draws does not move the picks
};

}  // namespace headgate::gateway
