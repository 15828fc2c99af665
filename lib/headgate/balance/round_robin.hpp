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
  /// Starts at the first target. Draws nothing. O(1) plus the unavailable targets passed over.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets,
                                                Random& random) noexcept;

 private:
  std::size_t next_ = 0;  // whose turn it is; may lie behind the end when the list has shrunk
};

static_assert(Policy<RoundRobin>);

}  // namespace headgate::balance
