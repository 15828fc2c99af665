// Ring hash: a key goes to the first target's point behind it on a ring, so when a target leaves
// only its own keys move, and when one joins only to it.
//
// Every target has a fixed number of points for each unit of its weight, at places that depend on
// its id alone. (Rings that give all targets together a fixed number of points change everyone's
// with each change of the config, and move keys that had no reason to.) With p points the shares
// scatter by about 1/sqrt(p): the busiest of 10 equal targets has some 14 % more than its share
// with 160 points, 5 % with 1000.
//
// With `bound`, a target that has its part of the load already, bound times the mean, is passed
// over like one that is unavailable: no target ever has more than ceil(bound * (all in flight + 1)
// * weight / weights) requests, and a key that is alone too hot spills to its successors.
//
// A pick looks up the key's 2^k-th part of the ring and goes on from there: O(1) points.
//
// Source: D. Karger et al., "Consistent hashing and random trees", STOC 1997; V. Mirrokni,
// M. Thorup, M. Zadimoghaddam, "Consistent hashing with bounded loads", SODA 2018.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class RingHash {
 public:
  static constexpr std::int64_t kPointsDefault = 160;
  static constexpr std::int64_t kPointsMax = 10'000;
  static constexpr std::size_t kRingMax = std::size_t{1} << 22;  ///< points of all targets

  struct Options {
    std::size_t points = kPointsDefault;  ///< per unit of weight, in lowest terms; 1 to kPointsMax
    std::optional<double> bound;          ///< of the mean load, 1 to 100; nothing: no bound
  };
  explicit RingHash(const Options& options) noexcept;

  /// O(points log points). Weights are scaled down if the ring would have more than kRingMax.
  void rebuild(std::span<const TargetInfo> infos);

  /// Draws nothing. O(1); with a bound O(targets).
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

 private:
  [[nodiscard]] std::size_t first_behind(std::uint64_t key) const noexcept;
  [[nodiscard]] std::uint64_t capacity(std::size_t target, std::uint64_t in_flight) const noexcept;

  std::size_t points_per_weight_;
  std::uint64_t bound_ppm_;  // 0: no bound
  // The ring, by ascending place: the two have one entry per point.
  std::vector<std::uint64_t> places_;
  std::vector<std::uint32_t> owners_;
  std::vector<std::uint32_t> starts_;  // of each equal part of the ring, the first point not before
  int shift_ = 63;                     // from a place to its part
  std::vector<std::uint32_t> weights_;
  std::uint64_t weight_sum_ = 0;
};

static_assert(Policy<RingHash>);

}  // namespace headgate::balance
