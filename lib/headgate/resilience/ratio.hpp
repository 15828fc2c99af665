// A share as a whole number of billionths, so that "half of them failed" is decided by integers:
// the same on every machine, and exactly at the edge.
#pragma once

#include <cstdint>

#include "headgate/core/units.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::resilience {

class Ratio {
 public:
  static constexpr std::int64_t kOne = 1'000'000'000;

  constexpr Ratio() noexcept = default;
  /// To the nearest billionth. Requires: not negative, below 1e9.
  constexpr explicit Ratio(Share share) noexcept : Ratio(share.of_one) {}
  /// Of a plain number, which may exceed one: a multiple.
  constexpr explicit Ratio(double of_one) noexcept
      : billionths_(static_cast<std::int64_t>(of_one * 2e9 + 1) / 2) {}

  /// Whether `part` of `whole` is this share or more.
  [[nodiscard]] constexpr bool reached_by(std::uint32_t part, std::uint32_t whole) const noexcept {
    return static_cast<Int128>(part) * kOne >= static_cast<Int128>(whole) * billionths_;
  }
  /// This share of `count`, rounded towards zero. Requires: the result fits.
  [[nodiscard]] constexpr std::int64_t of(std::int64_t count) const noexcept {
    return static_cast<std::int64_t>(static_cast<Int128>(count) * billionths_ / kOne);
  }
  [[nodiscard]] constexpr std::int64_t billionths() const noexcept { return billionths_; }

 private:
  std::int64_t billionths_ = 0;
};

}  // namespace headgate::resilience
