// The quantile function of the gamma distribution, as a table made once: drawing by inversion, one
// uniform number per duration, at the price of a logarithm and a cubic.
//
// The quantile as a function of t = -log(share) is smooth on either side of the median, with t the
// share below it on the left and the share above it on the right: near 0 it behaves like
// exp(-t / shape), far out like t. Cubics through equally spaced t with the exact slopes there are
// off by less than 2e-6 of the value or, where the value is far below the mean, of the mean: no run
// can tell that apart.
#pragma once

#include <vector>

namespace headgate::arrival {

class GammaQuantile {
 public:
  /// Of the gamma distribution with `shape` and the mean one. Requires: 0.01 <= shape <= 1000.
  /// Cost: a few milliseconds, 20 KiB.
  explicit GammaQuantile(double shape);

  /// The value below which the share `p` lies, at least 0; never falls when `p` rises.
  /// Requires: 2^-53 <= p <= 1 - 2^-53.
  [[nodiscard]] double operator()(double p) const noexcept;

  struct Knot {
    double value;
    double slope;  // per step of t
  };

 private:
  std::vector<Knot> below_;  // of the share below, from one half down
  std::vector<Knot> above_;  // of the share above, from one half down
};

}  // namespace headgate::arrival
