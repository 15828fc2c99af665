// The power of two choices: of two targets drawn at random, the one with fewer requests in flight.
//
// One look at a second queue shortens the longest queue exponentially, from log n / log log n to
// log log n, and a slow target is found out by its own backlog; yet nothing is scanned, and many
// gateways that see only their own requests do not herd onto the same target as they would with
// "the least loaded of all".
//
// The two are distinct. Drawn with replacement they coincide once in n, and at n = 2 half of the
// picks would be blind (envoy issue 20420).
//
// Source: M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS
// 12(10), 2001.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class TwoChoices {
 public:
  void rebuild(std::span<const TargetInfo>) noexcept {}

  /// The less loaded of an ordered pair drawn uniformly from the pairs of available targets; the
  /// first of the pair if they are equal; the only one if there is but one.
  /// Two draws and O(1); if they hit an unavailable target, two more and a scan of the targets.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;
};

static_assert(Policy<TwoChoices>);

}  // namespace headgate::balance
