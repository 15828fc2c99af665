// Powers of two and logarithms in integers, for decisions. What exp() and log() of the C library
// return differs between its versions; these bits are the same on every machine and compiler, so
// that a simulated balancer picks what the real one picks.
//
// Values are unsigned with 32 binary places ("Q32"): 2^32 is one.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::balance {

inline constexpr std::uint64_t kOneQ32 = std::uint64_t{1} << 32;

/// `value` in units of 1 / `scale`, to the nearest. llround is exact, as exp and log are not.
[[nodiscard]] inline std::uint64_t in_units(double value, std::uint64_t scale) noexcept {
  return static_cast<std::uint64_t>(std::llround(value * static_cast<double>(scale)));
}

namespace detail {

/// The largest r with r * r <= x. Requires: x < 2^126.
constexpr std::uint64_t root_of(Uint128 x) noexcept {
  std::uint64_t root = 0;
  for (int bit = 62; bit >= 0; --bit) {
    const std::uint64_t tried = root | std::uint64_t{1} << bit;
    if (static_cast<Uint128>(tried) * tried <= x) root = tried;
  }
  return root;
}

/// 2^(-i/256) for i = 0 to 256: the 256th root of a half is eight square roots away.
consteval std::array<std::uint64_t, 257> make_powers() {
  std::uint64_t step = std::uint64_t{1} << 61;  // one half, with 62 places
  for (int i = 0; i < 8; ++i) step = root_of(static_cast<Uint128>(step) << 62);
  std::array<std::uint64_t, 257> powers{};
  std::uint64_t power = std::uint64_t{1} << 62;
  for (std::uint64_t& each : powers) {
    each = (power + (1U << 29)) >> 30;
    power = static_cast<std::uint64_t>(static_cast<Uint128>(power) * step >> 62);
  }
  return powers;
}

inline constexpr std::array<std::uint64_t, 257> kPowers = make_powers();

}  // namespace detail

/// 2^-x. Both Q32. Never rises with x; within 1e-6 of the truth, relative, plus 2^-32; 1 at 0.
[[nodiscard]] constexpr std::uint64_t exp2_of_minus(std::uint64_t x) noexcept {
  const std::uint64_t whole = x >> 32;
  if (whole >= 33) return 0;
  const std::size_t index = (x >> 24) & 0xff;
  const std::uint64_t drop = detail::kPowers[index] - detail::kPowers[index + 1];
  return (detail::kPowers[index] - (drop * (x & 0xffffff) >> 24)) >> whole;
}

/// log2(n), Q32, rounded down. Requires: n >= 1. Exact for powers of two. About 32 multiplications.
[[nodiscard]] constexpr std::uint64_t log2_of(std::uint64_t n) noexcept {
  const int whole = static_cast<int>(std::bit_width(n)) - 1;
  std::uint64_t log = static_cast<std::uint64_t>(whole) << 32;
  std::uint64_t mantissa = n << (63 - whole);  // in [1, 2), with 63 places
  for (int bit = 31; bit >= 0; --bit) {
    const Uint128 square = static_cast<Uint128>(mantissa) * mantissa;  // in [1, 4), 126 places
    const bool two = square >> 127 != 0;
    mantissa = static_cast<std::uint64_t>(square >> (two ? 64 : 63));
    if (two) log |= std::uint64_t{1} << bit;
  }
  return log;
}

/// At least log2_of(n) and less than 0.0861 above it, Q32, without a multiplication: the logarithm
/// lies above the line between two powers of two by so much at most. Requires: n >= 1.
[[nodiscard]] constexpr std::uint64_t log2_at_most(std::uint64_t n) noexcept {
  constexpr std::uint64_t kBulge = 369'673'559;  // 0.0860713320… and two units for what is cut off
  const int whole = static_cast<int>(std::bit_width(n)) - 1;
  const std::uint64_t fraction = (n << (63 - whole) << 1) >> 32;
  return (static_cast<std::uint64_t>(whole) << 32) + fraction + kBulge;
}

/// How much of what was learned still counts: e^(-t / time constant).
class Decay {
 public:
  /// Requires: 1 ns <= time_constant <= 2^61 ns.
  explicit Decay(Duration time_constant) noexcept {
    const auto tau = static_cast<std::uint64_t>(time_constant.count());
    const int size = static_cast<int>(std::bit_width(tau));
    // log2(e) / tau in as many places as fit: 61 to 63 significant bits.
    per_ns_ = static_cast<std::uint64_t>((static_cast<Uint128>(kLog2OfE) << size) / tau >> 2);
    places_ = 63 + size - 2;
    end_ =
        time_constant.count() > Duration::max().count() / 32 ? Duration::max() : 32 * time_constant;
  }

  /// Q32; 1 for elapsed <= 0, 0 from 32 time constants on. Never rises with `elapsed`.
  [[nodiscard]] std::uint64_t weight(Duration elapsed) const noexcept {
    if (elapsed <= Duration::zero()) return kOneQ32;
    if (elapsed >= end_) return 0;
    const Uint128 x = static_cast<Uint128>(static_cast<std::uint64_t>(elapsed.count())) * per_ns_;
    return exp2_of_minus(static_cast<std::uint64_t>(x >> (places_ - 32)));
  }

 private:
  static constexpr std::uint64_t kLog2OfE = 0xb8aa3b295c17f0bc;  // with 63 places
  std::uint64_t per_ns_;  // log2(e) / time constant, with `places_` places
  int places_;
  Duration end_;
};

}  // namespace headgate::balance
