// Error bodies for clients: application/problem+json (RFC 9457).
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "headgate/http/reason.hpp"

namespace headgate::http {

inline constexpr std::string_view kProblemContentType = "application/problem+json";

struct Problem {
  int status = 500;
  std::string_view type = {};    ///< a URI reference that names the kind; empty: `about:blank`
  std::string_view title = {};   ///< empty: the status's own phrase
  std::string_view detail = {};  ///< empty: left out
  /// `violated-policies`: the names of the limits that were reached; empty: left out.
  std::span<const std::string_view> violated = {};
};

/// The problem of a request that is over a limit: `type` and `title` as in IETF
/// draft-ietf-httpapi-ratelimit-headers-10 section 5.
inline constexpr std::string_view kQuotaExceeded =
    "https://iana.org/assignments/http-problem-types#quota-exceeded";
inline constexpr std::string_view kQuotaExceededTitle =
    "Request cannot be satisfied as assigned quota has been exceeded";

/// The problem of bytes refused for `reason`: `{"type":"urn:headgate:refused:CL-TE", …}`.
[[nodiscard]] Problem problem_of(Reason reason) noexcept;

/// Writes the JSON object and returns its length, 0 if `out` is too small. Quotes, backslashes and
/// control characters are escaped; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::size_t write_problem(const Problem& problem, std::span<char> out) noexcept;

}  // namespace headgate::http
