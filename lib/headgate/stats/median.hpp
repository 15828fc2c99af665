// The median of a few repeated measurements and how sure it is, whatever their distribution.
//
// Each measurement lies below the true median with probability one half, so the number that do is
// binomial, and the interval between the k-th smallest and the k-th largest misses the median with
// probability 2 P(B(n, 1/2) < k). Nothing is assumed of the noise but that the measurements are
// independent; a stray value on a shared machine moves the interval by one rank at most. Source: W.
// J. Conover, "Practical Nonparametric Statistics", section 3.2.
#pragma once

#include <span>

#include "headgate/stats/interval.hpp"

namespace headgate::stats {

/// The median with the narrowest such interval that covers it with at least 95 %. `confidence` is
/// what it truly covers. Fewer than six measurements cannot reach 95 %: then low and high are the
/// extremes and `confidence` says how little that is (0 for one). Requires: at least one value.
/// O(n log n).
[[nodiscard]] Estimate median_interval(std::span<const double> measurements);

}  // namespace headgate::stats
