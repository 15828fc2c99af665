// Least requests: of all available targets the one with the fewest requests in flight ("join the
// shortest queue"); one drawn at random among equals, so that no order of the config is favoured.
//
// The best that can be done from exact counts alone when targets are alike. Where many gateways
// each know their own requests only, or the counts are old, all of them herd onto the same target;
// two choices then does better.
//
// Source: W. Winston, "Optimality of the shortest line discipline", J. Applied Probability 14,
// 1977.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class LeastRequests {
 public:
  void rebuild(std::span<const TargetInfo>) noexcept {}

  /// One draw if several are equally good, else none. O(targets): below a nanosecond each. Counts
  /// in flight are at most 2^32 - 2.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call&,
                                                Random& random) noexcept;
};

static_assert(Policy<LeastRequests>);

}  // namespace headgate::balance
