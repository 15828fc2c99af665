// One caller's state and, for an algorithm that has one, log: what lets one table hold both kinds
// of policy.
#pragma once

#include <cstddef>
#include <span>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

template <class P>
concept AnyPolicy = Policy<P> || LogPolicy<P>;

template <AnyPolicy P>
[[nodiscard]] constexpr std::size_t log_size_of(const P& policy) noexcept {
  if constexpr (LogPolicy<P>) {
    return policy.log_size();
  } else {
    return 0;
  }
}

/// What hold() of a table returns if it does not hold.
inline constexpr std::size_t kNotHeld = ~std::size_t{0};

/// The calls of a policy on one caller. Refers to a state and a log that live in a table.
template <AnyPolicy P>
struct Slot {
  const P& policy;
  typename P::State& state;
  std::span<TimePoint> log;  ///< empty unless P has one

  [[nodiscard, gnu::always_inline]] Decision admit(TimePoint now, Tokens cost) const noexcept {
    if constexpr (LogPolicy<P>) {
      return policy.admit(state, log, now, cost);
    } else {
      return policy.admit(state, now, cost);
    }
  }
  [[nodiscard, gnu::always_inline]] Decision peek(TimePoint now, Tokens cost) const noexcept {
    if constexpr (LogPolicy<P>) {
      return policy.peek(state, log, now, cost);
    } else {
      return policy.peek(state, now, cost);
    }
  }
  void refund(TimePoint now, Tokens cost) const noexcept {
    if constexpr (LogPolicy<P>) {
      policy.refund(state, log, now, cost);
    } else {
      policy.refund(state, now, cost);
    }
  }
  [[nodiscard]] TimePoint fresh_at() const noexcept {
    if constexpr (LogPolicy<P>) {
      return policy.fresh_at(state, log);
    } else {
      return policy.fresh_at(state);
    }
  }
  [[nodiscard]] bool is_fresh(TimePoint now) const noexcept {
    if constexpr (LogPolicy<P>) {
      return policy.is_fresh(state, log, now);
    } else {
      return policy.is_fresh(state, now);
    }
  }
};

}  // namespace headgate::ratelimit
