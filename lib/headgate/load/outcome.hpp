// What became of each request of a run. The six outcomes are exclusive and complete: every request
// that the schedule asked for ends in exactly one, so the totals add up and nothing can get lost
// unnoticed (wrk and h2load lose what is in flight at the end, and what is slower than a limit).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headgate::load {

enum class Outcome : std::uint8_t {
  kOk,        ///< a whole response with a status of 2xx or 3xx
  kRefused,   ///< a policy said no: 429, or a 503 that a gateway shed (see `classify`)
  kFailed,    ///< any other status, or the transport failed (see `Failure`)
  kTimedOut,  ///< sent, and not answered within the timeout, which runs from the intended time
  kInFlight,  ///< sent, and not answered when the run ended
  kNotSent,   ///< due, but no connection came free before the timeout or the end
};
inline constexpr std::size_t kOutcomes = 6;

/// `ok`, `refused`, `failed`, `timed_out`, `in_flight`, `not_sent`: the keys of a result.
[[nodiscard]] std::string_view name(Outcome outcome) noexcept;

/// Why the transport failed a request; each is a key of `errors` in a result.
enum class Failure : std::uint8_t {
  kConnectionRefused,  ///< nobody listens
  kConnectionReset,    ///< RST while waiting for, or in the middle of, a response
  kConnectionClosed,   ///< FIN before the first byte of a response
  kTruncatedResponse,  ///< FIN in the middle of a response
  kBadResponse,        ///< bytes that are no HTTP/1.1 response, or are framed in two ways
  kConnectFailed,      ///< no route, no free port, name gone: whatever else connect() says
  kWriteFailed,        ///< whatever else send() says
};
inline constexpr std::size_t kFailures = 7;

[[nodiscard]] std::string_view name(Failure failure) noexcept;

/// What a response head says about its outcome.
struct Answer {
  int status = 0;
  bool has_retry_after = false;
  bool is_problem = false;  ///< its content type is application/problem+json
};

/// The outcome of a whole response. A 503 counts as refused only if it looks shed on purpose, by
/// Retry-After or a problem document; a bare 503 is a server that broke. O(1).
[[nodiscard]] constexpr Outcome classify(const Answer& answer) noexcept {
  if (answer.status >= 200 && answer.status < 400) return Outcome::kOk;
  if (answer.status == 429) return Outcome::kRefused;
  const bool shed = answer.has_retry_after || answer.is_problem;
  return answer.status == 503 && shed ? Outcome::kRefused : Outcome::kFailed;
}

/// Counts of requests by outcome. `scheduled` is counted when a request falls due and the others
/// when it is settled, by different code, so that their equality at the end means something.
struct Totals {
  std::uint64_t scheduled = 0;
  std::array<std::uint64_t, kOutcomes> by_outcome{};

  [[nodiscard]] std::uint64_t of(Outcome outcome) const noexcept {
    return by_outcome[static_cast<std::size_t>(outcome)];
  }
  void count(Outcome outcome) noexcept { ++by_outcome[static_cast<std::size_t>(outcome)]; }
  [[nodiscard]] std::uint64_t settled() const noexcept;
  [[nodiscard]] bool adds_up() const noexcept { return scheduled == settled(); }
  Totals& operator+=(const Totals& other) noexcept;
  friend bool operator==(const Totals&, const Totals&) = default;
};

}  // namespace headgate::load
