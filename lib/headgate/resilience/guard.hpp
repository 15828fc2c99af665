// What stands around the targets of a service: breaker, concurrency limit and throttle before a
// target is picked; ejection of outliers and retries after it has answered or failed.
//
// An attempt at a target, not a request, is what each of them counts: a retry asks for leave again,
// and waits for its turn without holding a place.
//
// `gwctl` and `sim` both ask it: one on sockets, the other on stations in virtual time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <utility>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/breaker.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/gate.hpp"
#include "headgate/resilience/outlier.hpp"
#include "headgate/resilience/retry.hpp"

namespace headgate::resilience {

/// How an attempt at a target ended.
struct AttemptEnd {
  Duration latency{};    ///< to the head of the answer, or to its failure
  bool failed = false;   ///< no sound answer, or a status of 500 or more
  bool refused = false;  ///< no answer, or one that says "too many": 429, 503
};

/// One thread at a time. It outlives its passes. No allocation after `make`.
class Guard {
 public:
  /// Each rule is off if there is none.
  struct Config {
    std::optional<Breaker::Config> breaker = {};
    std::optional<Outlier::Config> outlier = {};
    std::optional<RetryPolicy::Config> retry = {};
    std::optional<AdaptiveConcurrency::Config> concurrency = {};
    std::optional<ClientThrottle::Config> throttle = {};
  };
  enum class Rule : std::uint8_t { kBreaker, kConcurrency, kThrottle };
  /// Leave for one attempt. Give it back with `settle` or `abandon`.
  struct Pass {
    Breaker::Permit breaker;
    Gate::Permit place;
  };
  struct Refusal {
    Rule rule = Rule::kBreaker;
    Duration retry_after{};  ///< exact for a breaker that is open, else a guess
  };
  struct Figures {
    std::optional<Breaker::State> breaker;
    std::uint64_t breaker_trips = 0;
    std::optional<std::uint32_t> concurrency_limit;
    std::uint32_t ejected = 0;  ///< targets at this moment
    std::uint64_t ejections = 0;
    std::uint64_t retries = 0;
    std::uint64_t retries_over_budget = 0;
  };

  /// For `targets` targets. Fails with kInvalidConfig at "breaker.FIELD" and the like.
  [[nodiscard]] static Result<Guard> make(const Config& config, std::size_t targets,
                                          std::uint64_t seed);

  /// Leave for an attempt, or which rule refuses it. The breaker is asked first and the throttle
  /// last: who is refused by another must not look like one whom the service has refused.
  [[nodiscard]] std::expected<Pass, Refusal> admit(TimePoint now) noexcept;
  /// The attempt was not made, or says nothing of the service: its client left.
  void abandon(Pass pass) noexcept;
  /// The attempt has ended at `target`. If that changes which targets are ejected, each of them is
  /// shown to `eject(target, until)`: who picks leaves it out until then.
  template <class Eject>
  void settle(Pass pass, std::size_t target, const AttemptEnd& end, TimePoint now,
              Eject&& eject) noexcept {
    const bool changed = learn(std::move(pass), target, end, now);
    if (!changed || !outlier_) return;
    for (std::size_t i = 0; i < targets_; ++i) {
      if (outlier_->is_ejected(i)) eject(i, outlier_->ejected_until(i));
    }
  }

  /// A request has got its first target.
  void on_request(TimePoint now) noexcept {
    if (retry_) retry_->on_call(now);
  }
  /// See RetryPolicy::on_fault; nothing if there are no retries.
  [[nodiscard]] std::optional<Duration> retry(const Fault& fault, bool repeatable,
                                              RetryState& state, TimePoint now) noexcept;
  [[nodiscard]] Figures figures() const noexcept;

 private:
  explicit Guard(std::uint64_t seed) noexcept : random_(seed) {}
  [[nodiscard]] bool learn(Pass pass, std::size_t target, const AttemptEnd& end,
                           TimePoint now) noexcept;
  [[nodiscard]] bool judge(std::size_t target, bool failed, TimePoint now) noexcept;

  std::optional<Breaker> breaker_;
  std::unique_ptr<AdaptiveConcurrency> concurrency_;  // null: unlimited
  std::optional<ClientThrottle> throttle_;
  std::optional<Outlier> outlier_;
  TimePoint outlier_due_{};  // its next timeout
  std::size_t targets_ = 0;
  std::optional<RetryPolicy> retry_;
  Random random_;  // its own: what it draws does not move the picks
};

}  // namespace headgate::resilience
