// The power of d choices: of d distinct targets drawn at random, the one with the fewest requests
// in flight. Two are most of the gain; more come nearer to the shortest queue of all, and to its
// herding when the counts are old.
//
// In the limit of many servers with exponential service and load rho, the mean time in the system
// is the sum over i >= 1 of rho^((d^i - d) / (d - 1)) service times.
//
// Source: N. Vvedenskaya, R. Dobrushin, F. Karpelevich, Problems of Information Transmission 32(1),
// 1996; M. Mitzenmacher, IEEE TPDS 12(10), 2001.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/draw.hpp"

namespace headgate::balance {

class Choices {
 public:
  static constexpr std::size_t kMax = Draw::kDrawsMax;

  /// Requires: 2 <= count <= kMax.
  explicit Choices(std::size_t count) noexcept : count_(count) {}

  void rebuild(std::span<const TargetInfo>) noexcept {}

  /// The first drawn among equals; the best of all if fewer than d are available. d draws and
  /// O(d^2), and one more draw for each unavailable target met.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call&,
                                                Random& random) noexcept {
    return best_of(targets, count_, random, [&](std::size_t a, std::size_t b) {
      return targets[a].in_flight < targets[b].in_flight;
    });
  }

 private:
  std::size_t count_;
};

static_assert(Policy<Choices>);

}  // namespace headgate::balance
