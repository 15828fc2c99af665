#include "headgate/arrival/gamma_quantile.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>

#include "headgate/arrival/elementary.hpp"
#include "headgate/arrival/logarithm.hpp"
#include "headgate/core/check.hpp"

namespace headgate::arrival {
namespace {

constexpr double kStepsPerUnit = 16;
constexpr double kFirst = std::numbers::ln2;  // t of the median
// The shares of 53 bits end at t = 53 ln 2; one knot more closes the last interval.
constexpr auto kKnots = static_cast<std::size_t>(52 * std::numbers::ln2 * kStepsPerUnit) + 2;
constexpr double kEnough = 1e-16;  // a term, of its sum

/// A share of the distribution at some x, and its steepness there: how it grows with log x,
/// x * density / share. In logarithms, for share and x may be below the smallest double.
struct Tail {
  double log_share;
  double steepness;
};

/// What lies below x, by the series of the incomplete gamma function. Source: Abramowitz and Stegun
/// 6.5.29.
Tail tail_below(double shape, double log_x) noexcept {
  const double x = natural_exp(log_x);
  double sum = 1;
  double term = 1;
  for (double n = shape + 1; term > kEnough * sum; ++n) sum += term *= x / n;
  return {.log_share = shape * log_x - x - log_gamma(shape + 1) + natural_log(sum),
          .steepness = shape / sum};
}

/// What lies above x: the rest of what is below, or beyond shape + 1, where that would cancel,
/// Legendre's continued fraction by Lentz's method. Source: Abramowitz and Stegun 6.5.31.
Tail tail_above(double shape, double log_x) noexcept {
  const double x = natural_exp(log_x);
  if (x < shape + 1) {
    const auto [log_below, steepness] = tail_below(shape, log_x);
    const double below = natural_exp(log_below);
    return {.log_share = natural_log(1 - below), .steepness = steepness * below / (1 - below)};
  }
  double b = x + 1 - shape;
  double d = 1 / b;
  double c = std::numeric_limits<double>::max();
  double fraction = d;
  for (double i = 1; std::abs(c * d - 1) > 2 * kEnough; ++i) {
    const double a = -i * (i - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    fraction *= c * d;
  }
  return {.log_share = shape * log_x - x - log_gamma(shape) + natural_log(fraction),
          .steepness = 1 / fraction};
}

using TailFunction = Tail (*)(double shape, double log_x);

/// The log x at which the share is exp(-t), by Newton's method from `log_x`. `sign` is +1 if the
/// share grows with x, else -1.
double solve(TailFunction tail, double sign, double shape, double t, double log_x) noexcept {
  for (int i = 0; i < 60; ++i) {
    const auto [log_share, steepness] = tail(shape, log_x);
    const double step = std::clamp(sign * (log_share + t) / steepness, -1.0, 1.0);
    log_x -= step;
    if (std::abs(step) < 1e-13) break;
  }
  return log_x;
}

std::vector<GammaQuantile::Knot> knots_of(TailFunction tail, double sign, double shape) {
  std::vector<GammaQuantile::Knot> knots;
  double log_x = natural_log(shape);
  double slope = 0;  // of log x, per step
  for (std::size_t i = 0; i < kKnots; ++i) {
    const double t = kFirst + static_cast<double>(i) / kStepsPerUnit;
    log_x = solve(tail, sign, shape, t, log_x + slope);
    slope = -sign / (tail(shape, log_x).steepness * kStepsPerUnit);
    const double value = natural_exp(log_x) / shape;
    knots.push_back({.value = value, .slope = value * slope});
  }
  // Where the function is too steep for a cubic, slopes of at most three chords keep it from
  // turning back. Source: Fritsch and Carlson, SIAM J. Numer. Anal. 17(2), 1980.
  for (std::size_t i = 0; i + 1 < kKnots; ++i) {
    const double limit = 3 * std::abs(knots[i + 1].value - knots[i].value);
    for (GammaQuantile::Knot* knot : {&knots[i], &knots[i + 1]}) {
      knot->slope = std::clamp(knot->slope, -limit, limit);
    }
  }
  return knots;
}

}  // namespace

GammaQuantile::GammaQuantile(double shape)
    : below_(knots_of(tail_below, 1, shape)), above_(knots_of(tail_above, -1, shape)) {
  HG_ASSERT(shape >= 0.01 && shape <= 1000);
  above_.front().value = below_.front().value;  // the median, to the last bit
}

double GammaQuantile::operator()(double p) const noexcept {
  HG_ASSERT(p > 0 && p < 1);
  const bool low = p < 0.5;
  const double steps = std::max(0.0, (-natural_log(low ? p : 1 - p) - kFirst) * kStepsPerUnit);
  const auto index = std::min(static_cast<std::size_t>(steps), kKnots - 2);
  const double x = steps - static_cast<double>(index);
  const std::vector<Knot>& knots = low ? below_ : above_;
  const auto [from, from_slope] = knots[index];
  const auto [to, to_slope] = knots[index + 1];
  // Hermite's cubic, held within its two ends against rounding.
  const double rise = to - from;
  const double quadratic = 3 * rise - 2 * from_slope - to_slope;
  const double cubic = from_slope + to_slope - 2 * rise;
  const double value = from + x * (from_slope + x * (quadratic + x * cubic));
  return std::clamp(value, std::min(from, to), std::max(from, to));
}

}  // namespace headgate::arrival
