// What became of each request of a run. The six outcomes are exclusive and complete: every request
// that the schedule asked for ends in exactly one, so the totals add up and nothing can get lost
// unnoticed (wrk and h2load lose what is in flight at the end, and what is slower than a limit).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "headgate/core/time.hpp"
#include "headgate/stats/totals.hpp"

namespace headgate::load {

enum class Outcome : std::uint8_t {
  kOk,        ///< a whole response with a status of 2xx or 3xx
  kRefused,   ///< a policy said no: 429, or a 503 that a gateway shed (see `classify`)
  kFailed,    ///< any other status, or the transport failed (see `Failure`)
  kTimedOut,  ///< given to a connection, and not answered within the timeout, which runs from the
              ///< intended time
  kInFlight,  ///< sent, and not answered when the run ended
  kNotSent,   ///< due, but no connection came free before the timeout or the end
};

/// Why the transport failed a request; each is a key of `errors` in a result.
enum class Failure : std::uint8_t {
  kConnectionRefused,  ///< nobody listens
  kConnectionReset,    ///< RST while waiting for, or in the middle of, a response
  kConnectionClosed,   ///< FIN before the first byte of a response
  kTruncatedResponse,  ///< FIN in the middle of a response
  kBadResponse,        ///< bytes that are no response, or are framed in two ways
  kConnectFailed,      ///< no route, no free port: whatever else connect() says
  kTlsFailed,          ///< no agreement on TLS: no trust in a certificate, no common protocol
  kStreamReset,        ///< HTTP/2: RST_STREAM, for this request alone
  kGoaway,             ///< HTTP/2: GOAWAY with an error, and no answer to this request
  kBadHandshake,       ///< WebSocket: the upgrade was refused, or its answer is wrong
  kBadEcho,            ///< WebSocket: another message came back than was sent
  kPipelineBroken,     ///< sent behind a request whose connection broke
  kSaturated,          ///< due, and no connection was free: --on-saturation fail
  kCheckStatus,        ///< a whole response that the plan's check does not accept: its status,
  kCheckHeader,        ///< a header field,
  kCheckBody,          ///< its text,
  kCheckJson,          ///< a value in its JSON,
  kCheckSchema,        ///< or its JSON as a whole
  kCaptureFailed,      ///< it does not have what later requests are to use
};
inline constexpr std::size_t kFailures = 19;

[[nodiscard]] std::string_view name(Failure failure) noexcept;
/// The failure of that name, as a result spells it; nothing if there is none.
[[nodiscard]] std::optional<Failure> failure_of(std::string_view name) noexcept;

/// A failure, and the system's word for it where it has one.
struct Fault {
  // A failure without one is a fault too.
  Fault(Failure why, int number = 0) noexcept  // NOLINT(google-explicit-constructor)
      : failure{why}, error{number} {}
  Failure failure;
  int error;  ///< errno; 0: none
};

/// `ENETUNREACH`; a number that has no name is `errno 523`.
[[nodiscard]] std::string errno_name(int error);
/// The number of errno_name's text; nothing if it is none.
[[nodiscard]] std::optional<int> errno_of(std::string_view name) noexcept;

/// What a response says about its outcome.
struct Answer {
  int status = 0;
  bool has_retry_after = false;
  TimePoint first_byte = {};  ///< when the loop saw it; zero: not noted
};

/// The outcome of a whole response. A 503 with Retry-After was shed on purpose and is refused, as a
/// gateway says with every refusal; a bare 503 is a server that broke, and failed. O(1).
[[nodiscard]] constexpr Outcome classify(const Answer& answer) noexcept {
  if (answer.status >= 200 && answer.status < 400) return Outcome::kOk;
  if (answer.status == 429) return Outcome::kRefused;
  const bool shed = answer.status == 503 && answer.has_retry_after;
  return shed ? Outcome::kRefused : Outcome::kFailed;
}

/// Counts one settled request. `scheduled` is counted when a request falls due, by other code, so
/// that `totals.adds_up()` at the end means something.
void count(stats::Totals& totals, Outcome outcome) noexcept;

}  // namespace headgate::load
