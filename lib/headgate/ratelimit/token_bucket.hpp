// A token bucket: bursts up to a fixed size, a fixed rate in the long run.
//
// The bucket holds up to `burst` tokens and earns them steadily; a request passes if it can pay.
// Over any interval of length t it admits at most `burst + rate * t` tokens, and it is the most
// generous limiter with that property.
//
// It is kept in its GCRA form. Instead of the tokens it stores the *theoretical arrival time*: when
// the bucket will be full again. A token costs T = per / count of time; a request of n tokens may
// pass from the time `tat - (burst - n) * T` on, and moves tat to `max(tat, now) + n * T`. So one
// point in time per caller is the whole state, a refusal writes nothing, and a tat in the past is a
// full bucket: an idle caller is the same as one never seen.
//
// T is seldom a whole number of nanoseconds (7/s: 142'857'142 and 6/7). A point is therefore held
// as whole nanoseconds and a count of `1/count` parts of one, in mixed radix; sums carry, nothing
// is rounded, nothing drifts, and a gateway and a simulation fed the same times agree bit for bit.
//
// Source: ITU-T I.371 annex A (GCRA, and its equivalence with the leaky bucket as a meter);
// J. Turner, "New directions in communications", IEEE Comm. Mag. 24(10), 1986.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

class TokenBucket {
 public:
  struct Config {
    Rate rate;     ///< earned in the long run; at most 1e9 tokens per second
    Tokens burst;  ///< most that can be spent at one instant; 1 to 1e9
  };

  /// A point in time, `ns + parts / rate.count` nanoseconds; 0 <= parts < rate.count.
  struct State {
    TimePoint ns = TimePoint::min();
    std::int64_t parts = 0;
  };

  /// Fails with kInvalidConfig, naming the field "rate" or "burst", if one is out of its range, or
  /// if `burst` periods of the rate in lowest terms exceed 2^60 ns (36 years): 1e9 tokens at any
  /// whole number per second and 13'343 at 1/day are within it.
  [[nodiscard]] static Result<TokenBucket> make(const Config& config);

  /// Spends `cost` tokens if the bucket holds them at `now`; otherwise spends nothing.
  [[nodiscard]] Decision admit(State& tat, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;

  [[nodiscard]] TimePoint fresh_at(const State& tat) const noexcept {
    return tat.ns + Duration{tat.parts > 0 ? 1 : 0};
  }

  /// `rate * window`, where the window is the time to fill the bucket in whole seconds, rounded up.
  [[nodiscard]] Quota quota() const noexcept;

 private:
  explicit TokenBucket(const Config& config) noexcept;

  /// A length of time in the same mixed radix as State.
  struct Span {
    Duration ns;
    std::int64_t parts;
  };
  [[nodiscard]] Span span_of(std::int64_t tokens) const noexcept;
  [[nodiscard]] Tokens tokens_at(const State& tat, TimePoint now) const noexcept;

  Rate rate_;           // in lowest terms
  std::int64_t burst_;  // tokens
  Span one_;            // what a token costs
  Span tolerance_;      // (burst - 1) tokens: how far tat may be ahead for one more to pass
  Duration fill_;       // from empty to full, rounded up
};

static_assert(Policy<TokenBucket>);

}  // namespace headgate::ratelimit
