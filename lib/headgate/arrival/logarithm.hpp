// The natural logarithm, and by it exponential durations: the innermost arithmetic of a simulation.
//
// Ours, for two reasons. The C library's may differ in the last bit from one version to the next,
// and a bit decides a nanosecond; this one is additions and multiplications of IEEE doubles alone,
// so every compiler and machine gets the same. And it is inline, without the library's care for
// zeros, negatives and infinities, which no draw can be.
//
// x = 2^k m with m in 0.709 to 1.418; m lies in one of 128 intervals with the centre c, the middle
// one's being 1; r = (m - c) / c is at most 2^-8; log x = k log 2 + log c + log(1 + r), the last by
// seven terms of its series. The table is worked out by the compiler.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "headgate/core/random.hpp"

namespace headgate::arrival {
namespace logarithm {

struct Interval {
  double centre;
  double inverse;    // 1 / centre
  double logarithm;  // of the centre
};

inline constexpr int kIndexShift = 52 - 7;
/// The bits of the first interval's low end: half an interval is between a centre and its end.
inline constexpr std::uint64_t kFirst =
    std::bit_cast<std::uint64_t>(1.0) - (std::uint64_t{149} << (kIndexShift - 1));

/// log c = 2 artanh((c - 1) / (c + 1)), whose argument is below 0.18: its 23rd power is too small.
constexpr double logarithm_of_centre(double centre) noexcept {
  const double s = (centre - 1) / (centre + 1);
  double sum = 0;
  for (int n = 23; n >= 3; n -= 2) sum = (sum + 1.0 / n) * s * s;
  return 2 * (s + s * sum);
}

constexpr std::array<Interval, 128> make_intervals() noexcept {
  std::array<Interval, 128> intervals{};
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const std::uint64_t middle = std::uint64_t{2 * i + 1} << (kIndexShift - 1);
    const auto centre = std::bit_cast<double>(kFirst + middle);
    intervals[i] = {
        .centre = centre, .inverse = 1 / centre, .logarithm = logarithm_of_centre(centre)};
  }
  return intervals;
}

inline constexpr std::array<Interval, 128> kIntervals = make_intervals();
// The logarithm of 2 in two parts, the first with 32 bits of zeros at its end: k times it is exact.
inline constexpr double kLog2High = 0x1.62e42p-1;
inline constexpr double kLog2Low = 0x1.fdf473de6af28p-22;

}  // namespace logarithm

/// log x, off by at most 2 units in the last place. Requires: x positive, normal and finite.
[[nodiscard]] inline double natural_log(double x) noexcept {
  using namespace logarithm;
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t from_first = bits - kFirst;
  const std::int64_t exponent = static_cast<std::int64_t>(from_first) >> 52;
  const auto m = std::bit_cast<double>(bits - (static_cast<std::uint64_t>(exponent) << 52));
  const Interval& interval = kIntervals[(from_first >> kIndexShift) & 127];
  const double r = (m - interval.centre) * interval.inverse;
  const double r2 = r * r;
  const double rest =
      (r * (1.0 / 3) - 0.5) + r2 * ((r * (1.0 / 5) - 0.25) + r2 * (r * (1.0 / 7) - 1.0 / 6));
  const auto k = static_cast<double>(exponent);
  return (k * kLog2High + interval.logarithm) + (r + (r2 * rest + k * kLog2Low));
}

/// Exponential with the mean one: 0 to 36.8. One draw; the greater that is, the longer.
[[nodiscard]] inline double unit_exponential(Random& random) noexcept {
  return -natural_log(1 - random.uniform());
}

}  // namespace headgate::arrival
