// Quantities that must not be mixed up: each unit is its own type, and conversions are spelled out.
#pragma once

#include <compare>
#include <cstdint>

#include "headgate/core/time.hpp"

namespace headgate {

/// `count` events in every `per`; "2.5 per second" is {5, 2s}, exactly. Always in lowest terms when
/// it comes from `make_rate` or `parse_rate`, so that equal rates compare equal.
struct Rate {
  std::int64_t count = 0;
  Duration per = std::chrono::seconds{1};

  /// For statistics and printing; decisions use the two integers.
  [[nodiscard]] constexpr double per_second() const noexcept {
    return static_cast<double>(count) * 1e9 / static_cast<double>(per.count());
  }
  friend constexpr bool operator==(const Rate&, const Rate&) = default;
};

/// The rate in lowest terms. Requires: count >= 0, per > 0.
[[nodiscard]] Rate make_rate(std::int64_t count, Duration per) noexcept;

/// What one request spends at a limiter; 1 for an ordinary request.
struct Tokens {
  std::int64_t count = 0;
  friend constexpr auto operator<=>(const Tokens&, const Tokens&) = default;
};

struct Bytes {
  std::uint64_t count = 0;
  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// A part of a whole, 0 to 1.
struct Share {
  double of_one = 0;
  friend constexpr auto operator<=>(const Share&, const Share&) = default;
};

}  // namespace headgate
