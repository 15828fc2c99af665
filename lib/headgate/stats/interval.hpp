// How sure a figure is: a confidence interval from independent replications, from the sections of
// one long run, or of the difference between two runs that met the same chance.
//
// The means of replications are close to normal and independent by construction (each has a random
// stream of its own), which single requests within a run never are. Student's t then gives the
// interval. Source: A. M. Law, "Simulation Modeling and Analysis", section 9.4.
#pragma once

#include <cstddef>
#include <span>

namespace headgate::stats {

/// A figure with the interval that covers the truth in `confidence` of all such experiments. With
/// confidence 0 nothing is known beyond the value, and low = high = value.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
  double confidence = 0;

  friend bool operator==(const Estimate&, const Estimate&) = default;
};

/// A figure of which no interval is known, such as one measured once.
[[nodiscard]] inline Estimate single_value(double value) noexcept {
  return {.value = value, .low = value, .high = value, .confidence = 0};
}

/// The mean of one figure per replication, with Student's t interval. One replication gives
/// single_value(). Requires: at least one value; 0 < confidence < 1.
[[nodiscard]] Estimate mean_interval(std::span<const double> replications,
                                     double confidence = 0.95) noexcept;

/// The mean of the figures of successive, equally long sections of one run, with the interval of
/// overlapping batch means: every `width` neighbours make a batch, long enough for batches to be
/// nearly independent where sections are not yet. One batch or less gives single_value(). Source:
/// M. Meketon, B. Schmeiser, "Overlapping batch means: something for nothing?", WSC 1984; the
/// degrees of freedom, 3/2 of those of batches side by side, after B. Schmeiser, Operations
/// Research 30(3), 1982.
/// Requires: at least one value; width >= 1; 0 < confidence < 1.
[[nodiscard]] Estimate section_interval(std::span<const double> sections, std::size_t width,
                                        double confidence = 0.95) noexcept;

/// A quantile of all values, `whole`, with the interval that the same quantile of each replication
/// or batch gives. A quantile of few values is biased; deviations are therefore taken from `whole`
/// and not from their own mean, and the bias widens the interval (sectioning). They are taken of
/// the logarithms: high quantiles of queues scatter by factors, and an interval that is as wide
/// below as above misses too often above. One part gives single_value(). Source: S. Asmussen, P.
/// Glynn, "Stochastic Simulation", section III.5; M. Nakayama, "Confidence intervals for quantiles
/// using sectioning", WSC 2014. Requires: at least one part; 0 < confidence < 1.
[[nodiscard]] Estimate quantile_interval(double whole, std::span<const double> parts,
                                         double confidence = 0.95) noexcept;

/// How two systems differ that met the same chance.
struct Difference {
  Estimate estimate;       ///< of the mean of a - b
  double correlation = 0;  ///< between a and b; 0 if one of them never varies
};

/// From paired replications: a[i] and b[i] drew the same. The more they rise and fall together, the
/// narrower is the interval of their difference than what both intervals would say (common random
/// numbers). Source: A. M. Law, "Simulation Modeling and Analysis", sections 10.2 and 11.2.
/// Requires: as many of `a` as of `b`, at least one; 0 < confidence < 1.
[[nodiscard]] Difference paired_difference(std::span<const double> a, std::span<const double> b,
                                           double confidence = 0.95);

/// The t below which the share `p` of Student's t distribution with `freedom` degrees of freedom
/// lies: `student_t_quantile(0.975, 4)` is 2.776. Right to about 1e-12.
/// Requires: 0 < p < 1, freedom > 0.
[[nodiscard]] double student_t_quantile(double p, double freedom) noexcept;

}  // namespace headgate::stats
