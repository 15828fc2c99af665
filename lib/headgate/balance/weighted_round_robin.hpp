// Weighted round robin: turns in proportion to the weights, and spread as evenly as they go.
//
// The order is the smooth one that nginx made known: with weights 5, 1, 1 not a a a a a b c but
// a a b a c a a. At each turn every target is credited its weight, the one with the most credit is
// picked, and pays the sum of all weights. That is O(targets) for each turn; but the order repeats
// after sum / gcd turns, so it is computed once, and a pick is a step in a table.
//
// A turn of an unavailable target goes to the next one in the table, and the round goes on behind
// it: each available target keeps its own turns in each round, and none inherits the share of a
// failed neighbour. A rebuild goes on where the round was, so that frequent changes of the config
// do not favour whom the order begins with.
//
// Source: nginx, commit 52327e062 ("smooth weighted round-robin balancing"), 2012.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

/// The smooth order of one round, as indices into `weights`; empty if those are. Weights of 0 get
/// no turn. Where a round would be longer than `kSmoothTurnsMax`, weights are scaled down to about
/// that many turns, each of a weight above 0 at least one: a share is then off by less than one
/// turn in a round. O(turns * targets).
inline constexpr std::size_t kSmoothTurnsMax = 65'536;
[[nodiscard]] std::vector<std::uint32_t> smooth_order(std::span<const std::uint32_t> weights);

class WeightedRoundRobin {
 public:
  void rebuild(std::span<const TargetInfo> infos);

  /// Draws nothing. O(1), plus the turns of unavailable targets passed over.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call&,
                                                Random&) noexcept {
    for (std::size_t passed = 0; passed < order_.size(); ++passed) {
      const std::size_t index = order_[next_];
      next_ = next_ + 1 == order_.size() ? 0 : next_ + 1;
      if (targets[index].available) [[likely]]
        return index;
    }
    return std::nullopt;
  }

 private:
  std::vector<std::uint32_t> order_;
  std::size_t next_ = 0;
};

static_assert(Policy<WeightedRoundRobin>);

}  // namespace headgate::balance
