// A token bucket: bursts up to a fixed size, a fixed rate in the long run.
//
// The bucket holds up to `burst` tokens and earns them steadily; a request passes if it can pay.
// In every window of t nanoseconds (as many instants, from s to s + t - 1) it admits at most
// `burst + rate * t` tokens, and it is the most generous limiter with that property.
//
// It is kept in its GCRA form. Instead of the tokens it stores the *theoretical arrival time*: when
// the bucket will be full again. A request of n tokens may pass from the time `tat - (burst - n) *
// T` on, where T is the time that earns a token, and moves tat to `max(tat, now) + n * T`. So one
// number per caller is the whole state, a refusal writes nothing, and a tat in the past is a full
// bucket: an idle caller is the same as one never seen.
//
// The number is 64 bits and reaches over a century, which leaves a quarter of a nanosecond. T is
// seldom a whole number of those (7/s: 142'857'142 6/7 ns), and rounding it would make the rate
// wrong for ever. So tat is not kept in time but in *units* of which a token costs a whole number,
// on a clock that shows the units that have passed, rounded down. Time flows at `count * token /
// per` units per nanosecond, three to four. On that clock the bucket is an exact token bucket,
// every sum and comparison in integers:
//   - at a rate of up to four tokens in a whole number of nanoseconds, in lowest terms (1, 2, 3, 4,
//     5, 6, 10, 100, 300 per second, 90/min), nothing is rounded, and the bound holds with both
//     ends of the window counted in;
//   - at any other rate (7/s) the time at which a debt begins loses less than a unit, a third of a
//     nanosecond, and only that: what follows may be so much early, never late, and nothing adds
//     up. No 64 bits can do better: debts that differ by 1/count of a nanosecond would need a
//     number each.
//
// Source: ITU-T I.371 annex A (GCRA, and its equivalence with the leaky bucket as a meter);
// J. Turner, "New directions in communications", IEEE Comm. Mag. 24(10), 1986.
#pragma once

#include <algorithm>
#include <cstdint>

#include "headgate/core/check.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

class TokenBucket {
 public:
  struct Config {
    Rate rate;     ///< earned in the long run; at most 1e9 tokens per second
    Tokens burst;  ///< most that can be spent at one instant; 1 to 1e9
  };

  /// When the bucket will be full again, in units since time zero.
  struct State {
    std::uint64_t tat = 0;
  };

  /// Fails with kInvalidConfig, naming the field "rate" or "burst", if one is out of its range, or
  /// if `burst` periods of the rate in lowest terms exceed 2^60 ns (36 years): 1e9 tokens at any
  /// whole number per second and 13'343 at 1/day are within it.
  [[nodiscard]] static Result<TokenBucket> make(const Config& config);

  /// Spends `cost` tokens if the bucket holds them at `now`; otherwise spends nothing. Inline by
  /// force: who only asks whether pays for no more.
  [[nodiscard, gnu::always_inline]] Decision admit(State& state, TimePoint now,
                                                   Tokens cost = {.count = 1}) const noexcept {
    HG_ASSERT(cost.count >= 1);
    now = clamped(now);
    const std::uint64_t passed = units_at(now);
    const std::uint64_t debt = state.tat > passed ? state.tat - passed : 0;
    if (cost.count > burst_) [[unlikely]]
      return never(debt, now);
    const std::uint64_t price = static_cast<std::uint64_t>(cost.count) * token_;
    const std::uint64_t debt_max = capacity_ - price;
    if (debt > debt_max) {
      return {.admitted = false,
              .reason = Reason::kOverLimit,
              .remaining = cost.count == 1 ? Tokens{0} : tokens_beside(debt),
              .retry_after = earliest(passed + (debt - debt_max)) - now,
              .reset_after = earliest(passed + debt) - now};
    }
    state.tat = passed + debt + price;
    return {.admitted = true,
            .reason = Reason::kAdmitted,
            .remaining = tokens_beside(debt + price),
            .retry_after = Duration::zero(),
            .reset_after = earliest(state.tat) - now};
  }
  [[nodiscard, gnu::always_inline]] Decision peek(const State& state, TimePoint now,
                                                  Tokens cost = {.count = 1}) const noexcept {
    State copy = state;
    return admit(copy, now, cost);
  }
  void refund(State& state, TimePoint now, Tokens cost = {.count = 1}) const noexcept;

  [[nodiscard]] TimePoint fresh_at(const State& state) const noexcept {
    return earliest(state.tat);
  }
  [[nodiscard]] bool is_fresh(const State& state, TimePoint now) const noexcept {
    return state.tat <= units_at(clamped(now));
  }

  /// When the debt of `state` will have shrunk to `tokens`; at or before `now` if it has. For
  /// leaky_queue, which makes a request wait where others refuse it.
  [[nodiscard]] TimePoint debt_down_to(const State& state, Tokens tokens) const noexcept;

  /// `rate * window`, where the window is the time to fill the bucket in whole seconds, rounded up.
  [[nodiscard]] Quota quota() const noexcept;

 private:
  explicit TokenBucket(const Config& config) noexcept;

  static constexpr std::uint64_t kUnitsPerNs = 4;  // at most: kTimeMax and a bucket fit in 64 bits

  /// The units that have passed at `now`, rounded down. Requires: now is clamped.
  [[nodiscard]] std::uint64_t units_at(TimePoint now) const noexcept {
    const auto ns = static_cast<std::uint64_t>(now.time_since_epoch().count());
    return quarters_ ? kUnitsPerNs * ns : multiplied(ns);
  }
  /// The first nanosecond at which `units` have passed.
  [[nodiscard]] TimePoint earliest(std::uint64_t units) const noexcept {
    const std::uint64_t ns = quarters_ ? (units + kUnitsPerNs - 1) / kUnitsPerNs : sought(units);
    return TimePoint{Duration{static_cast<std::int64_t>(ns)}};
  }
  // The same for any rate, in ns.
  [[nodiscard]] std::uint64_t multiplied(std::uint64_t ns) const noexcept {
    const Uint128 product = static_cast<Uint128>(ns) * part_;
    // part_ lacks less than one, so the product lacks less than `ns`: a carry, or none at all.
    if (static_cast<std::uint64_t>(product) > ~ns) [[unlikely]]
      return divided(ns);
    return ns * whole_ + static_cast<std::uint64_t>(product >> 64);
  }
  [[nodiscard]] std::uint64_t divided(std::uint64_t ns) const noexcept;
  [[nodiscard]] std::uint64_t sought(std::uint64_t units) const noexcept {
    std::uint64_t ns = high(units, per_unit_);  // two short at most
    ns += multiplied(ns) < units ? 1 : 0;
    ns += multiplied(ns) < units ? 1 : 0;
    return ns;
  }
  /// Whole tokens in a bucket that lacks `debt` units; 0 if that is more than it can hold.
  [[nodiscard]] Tokens tokens_beside(std::uint64_t debt) const noexcept {
    const std::uint64_t units = capacity_ - std::min(debt, capacity_);
    std::uint64_t tokens = high(units, per_token_);  // one short at most
    if (units - tokens * token_ >= token_) ++tokens;
    return {static_cast<std::int64_t>(tokens)};
  }
  [[nodiscard]] static std::uint64_t high(std::uint64_t a, std::uint64_t b) noexcept {
    return static_cast<std::uint64_t>((static_cast<Uint128>(a) * b) >> 64);
  }
  /// The answer to a cost above the burst.
  [[nodiscard]] Decision never(std::uint64_t debt, TimePoint now) const noexcept;

  std::uint64_t token_;      // units that a token costs; at least 4
  std::uint64_t capacity_;   // units of a full bucket; at most 2^62
  std::uint64_t per_token_;  // 2^64 / token_, rounded down
  std::uint64_t whole_;      // units per nanosecond: whole_ + part_ / 2^64, rounded down
  std::uint64_t part_;
  bool quarters_;           // a unit is a quarter of a nanosecond: shifts do for divisions
  std::uint64_t per_unit_;  // nanoseconds per unit, times 2^64, rounded down
  Rate rate_;               // in lowest terms
  std::int64_t burst_;      // tokens
};

static_assert(Policy<TokenBucket> && sizeof(TokenBucket::State) == 8);

}  // namespace headgate::ratelimit
