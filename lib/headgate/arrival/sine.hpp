// A Poisson process whose rate swings: a day in a minute.
#pragma once

#include "headgate/arrival/process.hpp"
#include "headgate/core/result.hpp"

namespace headgate::arrival {

/// The rate at offset t is mean + amplitude * sin(2 pi t / period).
struct SineArrivals {
  /// Fails with kInvalidArgument and the field in `where`. Requires 0 <= amplitude <= mean, mean
  /// above 0, both together at most one per nanosecond, and a period above 0.
  [[nodiscard]] static Result<SineArrivals> make(const SineArrivals& written);

  [[nodiscard]] Rate rate() const noexcept { return mean; }
  /// Mean and amplitude scaled, the period kept.
  [[nodiscard]] SineArrivals at_rate(Rate rate) const noexcept;

  Rate mean;
  Rate amplitude;
  Duration period{};
};

/// Exact, by thinning: a Poisson process at the highest rate, of which each request stays with the
/// share that its instant has of that rate. Source: P. A. W. Lewis, G. S. Shedler, Naval Research
/// Logistics 26(3), 1979.
class SineSchedule {
 public:
  SineSchedule(const SineArrivals& arrivals, Random random) noexcept;
  [[nodiscard]] Duration next() noexcept;

 private:
  double gap_;           // mean at the highest rate, ns
  double mean_share_;    // of the highest rate
  std::int64_t period_;  // ns
  Odometer odometer_;
  Random random_;
};

}  // namespace headgate::arrival
