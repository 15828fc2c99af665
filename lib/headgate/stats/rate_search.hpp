// At which rate a promise breaks, found by measuring: `response_time.p99 < 20ms` holds up to some
// rate, and a slice of a second or two at one rate says little, since near the limit queues come in
// long waves. Halving an interval by such slices goes astray with the first lucky one.
//
// So a promise on a quantile is read as what it means, "at most 1 % take longer", and the share
// that takes longer is measured: unlike a quantile of few requests it is right on average. After
// doubling and halving have come near, all slices near there go into one curve, the logit of the
// share as a line over the rate (in an M/M/1 queue the logarithm is one exactly; of a mean, the
// logarithm is taken), and each next slice is placed where the curve crosses the promise, a little
// above and below. The slices' own scatter gives the interval: they are drawn again and again with
// replacement, and the curve is fitted anew. A search goes where the whole curve points, also back
// over a bound that an early slice has set.
//
// Sources: quasi-likelihood, P. McCullagh, J. A. Nelder, "Generalized Linear Models", section 9;
// placing the next measurement at the fitted crossing, C. F. J. Wu, JASA 80(392), 1985; the
// bootstrap, B. Efron, Ann. Stat. 7(1), 1979.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/stats/interval.hpp"

namespace headgate::stats {

/// One slice at one rate.
struct RateSlice {
  double rate = 0;      ///< per second
  double requests = 0;  ///< that were measured
  double value = 0;     ///< the share, or the mean, that the promise bounds
};

struct RateSearchOptions {
  double start = 100;    ///< the first rate, per second
  double least = 1;      ///< no slice is below
  double most = 1e6;     ///< nor above
  double bound = 0.01;   ///< of the value; above 0
  bool is_share = true;  ///< of one; else a mean in any unit
};

/// (next add)* answer
class RateSearch {
 public:
  /// Requires: 0 < least <= start <= most, bound > 0, and below 1 for a share.
  explicit RateSearch(const RateSearchOptions& options);

  /// The rate of the next slice.
  [[nodiscard]] double next() const;
  /// What it showed, at that or any other rate.
  void add(const RateSlice& slice);
  /// No slice can be measured above `most`: the search ends there if the promise holds up to it.
  void limit(double most) noexcept;

  /// Whether doubling and halving are over: longer slices are worth their time.
  [[nodiscard]] bool is_near() const noexcept { return phase_ == Phase::kFitting; }
  /// The promise holds even at `most`, or not even at `least`: more slices tell nothing.
  [[nodiscard]] bool holds_always() const noexcept { return holds_always_; }
  [[nodiscard]] bool holds_never() const noexcept { return holds_never_; }
  [[nodiscard]] const std::vector<RateSlice>& slices() const noexcept { return slices_; }

  /// The highest rate that keeps the promise, with an interval of 95 %; before is_near() the ends
  /// between which it lies, with confidence 0. Draws from a stream of its own. Cost: about 10 ms.
  [[nodiscard]] Estimate answer() const;

 private:
  enum class Phase : std::uint8_t { kDoubling, kHalving, kFitting };

  [[nodiscard]] bool holds(const RateSlice& slice) const noexcept {
    return slice.value <= options_.bound;
  }
  [[nodiscard]] double crossing(const std::vector<RateSlice>& slices, double centre) const;
  [[nodiscard]] std::vector<RateSlice> near(double centre) const;

  RateSearchOptions options_;
  Phase phase_ = Phase::kDoubling;
  std::vector<RateSlice> slices_;
  std::optional<double> held_;    // the highest rate that held, while bracketing
  std::optional<double> broken_;  // the lowest that did not
  double estimate_ = 0;           // in kFitting
  std::size_t fitted_ = 0;        // slices since then
  bool holds_always_ = false;
  bool holds_never_ = false;
};

}  // namespace headgate::stats
