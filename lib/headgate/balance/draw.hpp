// The best of a few available targets drawn at random, no two the same.
//
// The targets are drawn one after the other without replacement and the unavailable ones passed
// over: the start of a random order of all is, after striking out, the start of a random order of
// the available ones. So every set of available targets is equally likely, at the cost of a draw
// for each unavailable target met; where those are many a scan ends the search.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "headgate/balance/balancer.hpp"
#include "headgate/core/random.hpp"

namespace headgate::balance {

class Draw {
 public:
  static constexpr std::size_t kNone = ~std::size_t{0};
  /// Most calls of next() that may find one.
  static constexpr std::size_t kDrawsMax = 16;
  /// Targets looked at one by one, available or not, before a scan.
  static constexpr std::size_t kLooksMax = 32;

  Draw(std::span<const Target> targets, Random& random) noexcept
      : targets_(targets), random_(random) {}

  /// An available target that was not drawn before, each equally likely; kNone if there is none.
  [[nodiscard]] std::size_t next() noexcept {
    while (looks_ < targets_.size()) {
      if (looks_ >= kLooksMax) return scan();
      std::size_t drawn = random_.below(targets_.size() - looks_);  // a rank among those not seen
      for (std::size_t i = 0; i < looks_; ++i) drawn += drawn >= seen_[i] ? 1U : 0U;
      remember(drawn);
      if (targets_[drawn].available) return drawn;
    }
    return kNone;
  }

 private:
  [[nodiscard]] std::size_t scan() noexcept;

  /// Inserts by minima and maxima, as no processor foresees where a random number will stand.
  void remember(std::size_t index) noexcept {
    for (std::size_t i = 0; i < looks_; ++i) {
      const std::size_t other = seen_[i];
      seen_[i] = std::min(other, index);
      index = std::max(other, index);
    }
    seen_[looks_++] = index;
  }

  std::span<const Target> targets_;
  Random& random_;
  std::size_t looks_ = 0;  // of seen_, which is in ascending order so far
  std::array<std::size_t, kLooksMax + kDrawsMax> seen_;
};

/// The best of `count` distinct available targets (of all, if there are fewer); the first drawn
/// among equals. `better(a, b)`: index a is to be preferred to index b. Requires: 1 <= count <=
/// Draw::kDrawsMax.
template <class Better>
[[nodiscard]] std::optional<std::size_t> best_of(std::span<const Target> targets, std::size_t count,
                                                 Random& random, Better better) noexcept {
  Draw draw{targets, random};
  std::size_t best = Draw::kNone;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t other = draw.next();
    if (other == Draw::kNone) break;
    best = best == Draw::kNone || better(other, best) ? other : best;
  }
  if (best == Draw::kNone) return std::nullopt;
  return best;
}

/// best_of two, with a short way where the first two targets drawn are available.
template <class Better>
[[nodiscard]] std::optional<std::size_t> best_of_two(std::span<const Target> targets,
                                                     Random& random, Better better) noexcept {
  if (targets.size() < 2) return best_of(targets, 2, random, better);
  const std::size_t first = random.below(targets.size());
  std::size_t second = random.below(targets.size() - 1);  // among the others: skip over the first
  if (second >= first) ++second;
  if (targets[first].available && targets[second].available) [[likely]] {
    return better(second, first) ? second : first;
  }
  // Drawn anew: given that the pair above was not taken, this one is uniform as well.
  return best_of(targets, 2, random, better);
}

}  // namespace headgate::balance
