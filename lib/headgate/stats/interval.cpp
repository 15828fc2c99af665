#include "headgate/stats/interval.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::stats {
namespace {

double mean_of(std::span<const double> values) noexcept {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Sum of (a - mean a)(b - mean b).
double products(std::span<const double> a, std::span<const double> b) noexcept {
  const double mean_a = mean_of(a);
  const double mean_b = mean_of(b);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += (a[i] - mean_a) * (b[i] - mean_b);
  return sum;
}

/// log Γ(x) for x > 0 by Stirling's series, from 10 on right to 1e-16; below, Γ(x) = Γ(x+1)/x leads
/// there. (std::lgamma writes a global variable.) Source: Abramowitz, Stegun, 6.1.15 and 6.1.41.
double log_gamma(double x) noexcept {
  double product = 1;
  while (x < 10) product *= x++;
  const double inverse = 1 / x;
  const double square = inverse * inverse;
  const double series =
      inverse *
      (1.0 / 12 -
       square *
           (1.0 / 360 -
            square * (1.0 / 1260 -
                      square * (1.0 / 1680 - square * (1.0 / 1188 - square * (691.0 / 360360))))));
  return (x - 0.5) * std::log(x) - x + std::log(2 * std::numbers::pi) / 2 + series -
         std::log(product);
}

/// The continued fraction of the incomplete beta function by Lentz's method; quick for
/// x < (a + 1) / (a + b + 2). Source: Press et al., "Numerical Recipes", 3rd ed., section 6.4.
double beta_fraction(double x, double a, double b) noexcept {
  constexpr double kTiny = 1e-300;
  constexpr int kStepsMax = 10'000;  // about sqrt(a) are needed
  const auto nonzero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / nonzero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= kStepsMax; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / nonzero(1 + even * d);
    c = nonzero(1 + even / c);
    fraction *= d * c;
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / nonzero(1 + odd * d);
    c = nonzero(1 + odd / c);
    fraction *= d * c;
    if (std::abs(d * c - 1) < std::numeric_limits<double>::epsilon()) break;
  }
  return fraction;
}

/// The regularised incomplete beta function I_x(a, b), with y = 1 - x given apart for precision.
double beta_regularised(double x, double y, double a, double b) noexcept {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const double front =
      std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log(y));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(x, a, b) / a;
  return 1 - front * beta_fraction(y, b, a) / b;
}

/// The share above `t` >= 0. Source: Abramowitz, Stegun, 26.7.1.
double student_t_tail(double t, double freedom) noexcept {
  const double scale = freedom + t * t;
  return beta_regularised(freedom / scale, t * t / scale, freedom / 2, 0.5) / 2;
}

}  // namespace

double student_t_quantile(double p, double freedom) noexcept {
  HG_ASSERT(p > 0 && p < 1 && freedom > 0);
  if (p == 0.5) return 0;
  const double tail = p < 0.5 ? p : 1 - p;
  double low = 0;
  double high = 1;
  while (student_t_tail(high, freedom) > tail) {
    low = high;
    high *= 2;
  }
  // Halving ends when no double lies between; it needs no derivative and cannot go astray.
  for (double middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    (student_t_tail(middle, freedom) > tail ? low : high) = middle;
  }
  return p < 0.5 ? -high : high;
}

Estimate mean_interval(std::span<const double> replications, double confidence) noexcept {
  HG_ASSERT(!replications.empty());
  HG_ASSERT(confidence > 0 && confidence < 1);
  const auto count = static_cast<double>(replications.size());
  const double mean = mean_of(replications);
  if (replications.size() == 1) return single_value(mean);
  const double error = std::sqrt(products(replications, replications) / (count - 1) / count);
  const double half = student_t_quantile((1 + confidence) / 2, count - 1) * error;
  return {.value = mean, .low = mean - half, .high = mean + half, .confidence = confidence};
}

Estimate section_interval(std::span<const double> sections, std::size_t width,
                          double confidence) noexcept {
  HG_ASSERT(!sections.empty() && width >= 1);
  HG_ASSERT(confidence > 0 && confidence < 1);
  const double mean = mean_of(sections);
  if (sections.size() <= width) return single_value(mean);
  const std::size_t batches = sections.size() - width + 1;
  double squares = 0;
  for (std::size_t first = 0; first < batches; ++first) {
    const double off = mean_of(sections.subspan(first, width)) - mean;
    squares += off * off;
  }
  const auto count = static_cast<double>(sections.size());
  const auto wide = static_cast<double>(width);
  const double error = std::sqrt(squares * wide / (count - wide) / static_cast<double>(batches));
  const double freedom = 1.5 * (count / wide - 1);
  const double half = student_t_quantile((1 + confidence) / 2, freedom) * error;
  return {.value = mean, .low = mean - half, .high = mean + half, .confidence = confidence};
}

Estimate quantile_interval(double whole, std::span<const double> parts,
                           double confidence) noexcept {
  HG_ASSERT(!parts.empty());
  HG_ASSERT(confidence > 0 && confidence < 1);
  if (parts.size() == 1) return single_value(whole);
  // Of what may be zero there is no logarithm.
  const bool positive =
      whole > 0 && std::ranges::all_of(parts, [](double part) { return part > 0; });
  double squares = 0;
  for (const double part : parts) {
    const double deviation = positive ? std::log(part / whole) : part - whole;
    squares += deviation * deviation;
  }
  const auto count = static_cast<double>(parts.size());
  const double error = std::sqrt(squares / (count - 1) / count);
  const double half = student_t_quantile((1 + confidence) / 2, count - 1) * error;
  return {.value = whole,
          .low = positive ? whole * std::exp(-half) : whole - half,
          .high = positive ? whole * std::exp(half) : whole + half,
          .confidence = confidence};
}

Difference paired_difference(std::span<const double> a, std::span<const double> b,
                             double confidence) {
  HG_ASSERT(a.size() == b.size());
  std::vector<double> differences(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
  const double scale = std::sqrt(products(a, a) * products(b, b));
  return {.estimate = mean_interval(differences, confidence),
          .correlation = scale > 0 ? products(a, b) / scale : 0};
}

}  // namespace headgate::stats
