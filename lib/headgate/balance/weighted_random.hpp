// Weighted random: each available target with a probability in proportion to its weight, exactly,
// in constant time by the alias method.
//
// The table has a column per target, all as high as the sum W of the weights, and the targets'
// shares are cut to fill them: no column holds more than two. A pick is a column and a height.
// All in integers, so the shares are exact: n * W units of column, n * w of them a target's.
//
// Source: A. Walker, ACM TOMS 3(3), 1977; M. Vose's linear construction, IEEE TSE 17(9), 1991.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class WeightedRandom {
 public:
  void rebuild(std::span<const TargetInfo> infos);

  /// Two draws; two more for each unavailable target that is hit, and a scan of the targets after
  /// eight of those.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

 private:
  static constexpr int kTriesMax = 8;

  struct Column {
    std::uint64_t own = 0;  // of its height the column's own target has this much, from the bottom
    std::size_t other = 0;  // who has the rest
  };

  [[nodiscard]] std::optional<std::size_t> scan(std::span<const Target> targets,
                                                Random& random) const noexcept;

  std::uint64_t height_ = 0;  // of each column: the sum of the weights
  std::vector<Column> columns_;
  std::vector<std::uint32_t> weights_;
};

static_assert(Policy<WeightedRandom>);

}  // namespace headgate::balance
