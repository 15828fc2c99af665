// By how much paired measurements differ, and how sure that is, whatever the noise looks like.
//
// Of each pair only the difference counts. If which member came first was decided by a fair coin,
// and both are alike, then each difference is as likely to be d as -d, given all else: noise that
// drifts, comes in bursts or is dependent from pair to pair changes nothing in that. Wilcoxon's
// statistic T+ counts the Walsh averages (d_i + d_j) / 2, i <= j, above a supposed shift; its exact
// distribution follows from the coins alone. Turned around it gives the interval: all shifts that
// the data do not refute. The Hodges-Lehmann estimate is the median of the Walsh averages. Averages
// that equal the shift count for neither side, so ties make it more careful, never less.
//
// Sources: F. Wilcoxon, Biometrics Bulletin 1(6), 1945; J. L. Hodges, E. L. Lehmann, Ann. Math.
// Stat. 34(2), 1963; M. Hollander, D. A. Wolfe, "Nonparametric Statistical Methods", section 3.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "headgate/core/random.hpp"

namespace headgate::stats {

/// The distribution of T+ of `pairs` differences: exact up to kExactMax, then the normal one with
/// the correction for continuity, which errs by less than 4e-4 there, in the tails to the careful
/// side.
class SignedRankDistribution {
 public:
  static constexpr std::size_t kExactMax = 256;

  /// O(pairs^3) up to kExactMax (10 ms there), O(1) beyond.
  explicit SignedRankDistribution(std::size_t pairs);

  /// P(T+ >= t). 1 for t = 0.
  [[nodiscard]] double at_least(std::size_t t) const noexcept;
  /// The least t with P(T+ >= t) <= level; most() + 1 if there is none.
  [[nodiscard]] std::size_t critical(double level) const noexcept;
  /// n(n+1)/2, the greatest value of T+ and the number of Walsh averages.
  [[nodiscard]] std::size_t most() const noexcept { return pairs_ * (pairs_ + 1) / 2; }

 private:
  std::size_t pairs_;
  std::vector<double> upper_;  // P(T+ >= t) by t; empty beyond kExactMax
};

/// Differences of pairs, ready to be asked.
class PairedDifferences {
 public:
  /// Requires: finite values. O(n^2 log n).
  explicit PairedDifferences(std::span<const double> differences);

  [[nodiscard]] std::size_t pairs() const noexcept { return pairs_; }
  /// Hodges-Lehmann. Requires: at least one pair.
  [[nodiscard]] double estimate() const noexcept;
  /// One-sided: how likely differences at least so far above `shift` are if the true shift is at
  /// most `shift`. 1 without pairs.
  [[nodiscard]] double p_above(double shift) const noexcept;
  /// The same for below.
  [[nodiscard]] double p_below(double shift) const noexcept;
  /// The truth is at least this but in `level` of all experiments, and p_above(s) <= level just for
  /// the shifts s below it; minus infinity if there are too few pairs to say anything.
  [[nodiscard]] double lower(double level) const noexcept;
  /// The same for at most; or infinity.
  [[nodiscard]] double upper(double level) const noexcept;

 private:
  std::size_t pairs_;
  std::vector<double> walsh_;  // sorted
  SignedRankDistribution null_;
};

/// The least one-sided p that `pairs` differences can reach: 2^-pairs.
[[nodiscard]] double least_p(std::size_t pairs) noexcept;

/// The same interval by another statistic, the mean, for a second opinion: all shifts s for which
/// the mean of d - s is not among the share `level` of extremes on either side when signs are
/// flipped at random. All 2^n flips up to 14 pairs, 20 000 drawn from `random` beyond. Source: R.
/// A. Fisher, "The Design of Experiments", 1935, section 21. Low and high are infinite where there
/// are too few pairs.
struct FlipInterval {
  double low;
  double high;
};
/// Requires: at least one difference, all finite; 0 < level < 1/2. Cost: about 0.1 s for 100 pairs.
[[nodiscard]] FlipInterval sign_flip_interval(std::span<const double> differences, double level,
                                              Random& random);

}  // namespace headgate::stats
