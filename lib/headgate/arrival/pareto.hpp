// The Pareto distribution cut off at a longest value: heavy tails whose moments all exist, so that
// a mean can be asked for and reached in a run of finite length.
#pragma once

namespace headgate::arrival {

class BoundedPareto {
 public:
  /// With this mean, tail exponent `shape` and nothing above `max`; the lowest value follows from
  /// them. Requires: 0 < mean < max, 0.1 <= shape <= 100.
  BoundedPareto(double mean, double shape, double max) noexcept;

  /// The value below which the share `p` lies. Requires: 0 <= p < 1.
  [[nodiscard]] double quantile(double p) const noexcept;
  /// The mean of the m-th power, m = 1 or 2.
  [[nodiscard]] double moment(int m) const noexcept;

 private:
  double shape_;
  double max_;
  double span_;       // log(max / lowest)
  double below_max_;  // the share of an unbounded Pareto that lies below max
};

}  // namespace headgate::arrival
