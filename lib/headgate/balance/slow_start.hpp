// Slow start: a target that joins or recovers gets its share little by little, so that its caches
// fill and its connections open before the full load is on it.
//
// At an age t of a window w its share of what it would get is max(min, (t / w)^(1 / aggression)):
// linear with aggression 1, steeper at first with more. It is carried out by lot, around any
// policy: the policy's pick stands with this probability, else the policy picks among the others.
// The lot needs no root: with u uniform in [0, 1), u^a < t / w has the probability (t / w)^(1 / a).
//
// Source: the shape is envoy's slow_start_config; the lot is ours.
#pragma once

#include <cstdint>

#include "headgate/balance/fixed_point.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::balance {

/// How a target that joins or recovers is warmed up.
struct SlowStartSpec {
  Duration window{0};           ///< until it has its full share; 0: it has it at once
  std::int64_t aggression = 1;  ///< 1 to 10
  Share min{0.1};               ///< of its full share, from the start; 0 to 1
};

class SlowStart {
 public:
  /// Requires: the ranges of SlowStartSpec.
  explicit SlowStart(const SlowStartSpec& spec) noexcept
      : window_(spec.window.count()),
        aggression_(spec.aggression),
        min_(in_units(spec.min.of_one, kOneQ32)) {}

  [[nodiscard]] Duration window() const noexcept { return Duration{window_}; }

  /// Whether a pick of a target of this age stands. One draw.
  [[nodiscard]] bool accepts(Duration age, Random& random) const noexcept {
    return accepts(age, random.bits() >> 32);
  }
  /// The same for a lot drawn: uniform in 0 to 2^32 - 1.
  [[nodiscard]] bool accepts(Duration age, std::uint64_t lot) const noexcept {
    if (lot < min_ || age.count() >= window_) return true;
    if (age.count() <= 0) return false;
    std::uint64_t power = lot;
    for (std::int64_t i = 1; i < aggression_; ++i) power = (power * lot) >> 32;
    return static_cast<Uint128>(power) * static_cast<std::uint64_t>(window_) <
           static_cast<Uint128>(static_cast<std::uint64_t>(age.count())) << 32;
  }

 private:
  std::int64_t window_;  // ns
  std::int64_t aggression_;
  std::uint64_t min_;  // in 2^-32
};

}  // namespace headgate::balance
