#include "headgate/arrival/pareto.hpp"

#include <algorithm>
#include <cmath>

#include "headgate/arrival/elementary.hpp"
#include "headgate/arrival/logarithm.hpp"
#include "headgate/core/check.hpp"

namespace headgate::arrival {
namespace {

/// The m-th moment over max^m, where span = log(max / lowest). The integral of exp((m - shape) y)
/// for y = log(x / lowest) from 0 to span, over that of exp(-shape * y); of its two equal forms the
/// one whose exponent is negative, for the other may overflow.
double relative_moment(int m, double shape, double span) noexcept {
  const double exponent = (m - shape) * span;
  const double scale = exponent > 0 ? shape * span : m * span;
  return natural_exp(-scale) * growth(-std::abs(exponent)) / growth(-shape * span);
}

/// The span that gives `share` = mean / max: bisection, for the mean falls as the span grows, and
/// no starting point has to be right.
double span_of(double share, double shape) noexcept {
  double low = 0;
  double high = 1;
  while (relative_moment(1, shape, high) > share) high *= 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    (relative_moment(1, shape, middle) > share ? low : high) = middle;
  }
  return high;
}

}  // namespace

BoundedPareto::BoundedPareto(double mean, double shape, double max) noexcept
    : shape_(shape),
      max_(max),
      span_(span_of(mean / max, shape)),
      below_max_(shape * span_ * growth(-shape * span_)) {
  HG_ASSERT(mean > 0 && mean < max);
}

double BoundedPareto::quantile(double p) const noexcept {
  // The share above x is proportional to x^-shape, less what would lie above max.
  const double above = 1 - p * below_max_;
  return std::min(max_, max_ * natural_exp(-span_ - natural_log(above) / shape_));
}

double BoundedPareto::moment(int m) const noexcept {
  return (m == 1 ? max_ : max_ * max_) * relative_moment(m, shape_, span_);
}

}  // namespace headgate::arrival
