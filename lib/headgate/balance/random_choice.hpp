// Random: each available target is as likely as any other. The base line to compare the others
// with: it splits Poisson arrivals into independent Poisson streams, so each target is a queue of
// its own.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class RandomChoice {
 public:
  void rebuild(std::span<const TargetInfo>) noexcept {}

  /// One draw; two and a scan of the targets if the first hits one that is unavailable.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;
};

static_assert(Policy<RandomChoice>);

}  // namespace headgate::balance
