// Round robin: the targets take turns in their order.
//
// The turn after an unavailable target goes to its successor, and the round goes on behind the one
// that took it; so every available target is picked once in each round, and none inherits the share
// of a failed neighbour. Fed by Poisson arrivals, each of k targets sees Erlang-k gaps: more even
// than chance, blind to how long its requests take.
//
// Source: folklore.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class RoundRobin {
 public:
  /// Goes on where it was, or at the first target if the list has become shorter than that.
  void rebuild(std::span<const TargetInfo> infos) noexcept {
    if (next_ >= infos.size()) next_ = 0;
  }

  /// Starts at the first target. Draws nothing. O(1) plus the unavailable targets passed over.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call&,
                                                Random&) noexcept {
    for (std::size_t passed = 0; passed < targets.size(); ++passed) {
      const std::size_t candidate = next_;
      next_ = candidate + 1;
      if (next_ >= targets.size()) [[unlikely]]
        next_ = 0;
      if (targets[candidate].available) return candidate;
    }
    return std::nullopt;
  }

 private:
  std::size_t next_ = 0;  // whose turn it is
};

static_assert(Policy<RoundRobin>);

}  // namespace headgate::balance
