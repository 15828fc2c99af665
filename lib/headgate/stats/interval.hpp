// How sure a figure is: a confidence interval from independent replications.
//
// The means of replications are close to normal and independent by construction (each has a random
// stream of its own), which single requests within a run never are. Student's t then gives the
// interval. Source: A. M. Law, "Simulation Modeling and Analysis", section 9.4.
#pragma once

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

/// The t below which the share `p` of Student's t distribution with `freedom` degrees of freedom
/// lies: `student_t_quantile(0.975, 4)` is 2.776. Right to about 1e-12.
/// Requires: 0 < p < 1, freedom > 0.
[[nodiscard]] double student_t_quantile(double p, double freedom) noexcept;

}  // namespace headgate::stats
