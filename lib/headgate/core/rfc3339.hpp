// Wall-clock time as text: `2026-11-20T22:47:51.250Z`. Wall-clock time is data that people and
// other systems read; nothing in the library decides by it. It is kept as nanoseconds since
// 1970-01-01T00:00:00Z, which holds the years 1678 to 2261. Source: RFC 3339 section 5.6.
#pragma once

#include <string>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate {

/// In UTC, with as many groups of three decimals as are not zero. Parses back to the same value.
[[nodiscard]] std::string to_rfc3339(Duration since_epoch);

/// Any offset, up to nine decimals, `t` and `z` in either case. A leap second is the first second
/// of the next minute. Fails with kInvalidArgument: another form, a date that is none, a year that
/// cannot be held.
[[nodiscard]] Result<Duration> parse_rfc3339(std::string_view text);

}  // namespace headgate
