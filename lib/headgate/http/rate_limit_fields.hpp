// The fields that tell a client of its limit: `RateLimit-Policy` and `RateLimit` as structured
// fields (IETF draft-ietf-httpapi-ratelimit-headers-10, sections 3 and 4) and `Retry-After` (RFC
// 9110 section 10.2.3). Times are whole seconds, rounded up: a client that obeys is never too
// early.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "headgate/core/time.hpp"

namespace headgate::http {

/// One limit as a client may see it.
struct RateLimitStatus {
  std::string_view policy = {};  ///< its name; printable ASCII, quoted and escaped by us
  std::int64_t quota = 0;        ///< q: requests per window, or the burst
  Duration window = {};          ///< w; 0: left out
  std::int64_t remaining = 0;    ///< r; below 0 counts as 0
  Duration reset_after = {};     ///< t: until there is more; 0 or kNever: left out
};

inline constexpr std::size_t kRateLimitFieldsMax = 512;  ///< bytes for a policy name up to 100

/// `RateLimit-Policy: "orders";q=20;w=1\r\nRateLimit: "orders";r=0;t=1\r\n`. Returns the bytes
/// written, 0 if `out` is too small.
[[nodiscard]] std::size_t write_rate_limit(const RateLimitStatus& status,
                                           std::span<char> out) noexcept;

/// `Retry-After: 1\r\n`; nothing for kNever (waiting does not help). At least 1.
[[nodiscard]] std::size_t write_retry_after(Duration wait, std::span<char> out) noexcept;

/// Whole seconds, rounded up; 0 for nothing or less.
[[nodiscard]] std::int64_t ceil_seconds(Duration duration) noexcept;

}  // namespace headgate::http
