// How a request ended, in one word: the same in the access log, the metrics, the events and the
// problem document that the client gets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace headgate::gateway {

enum class Outcome : std::uint8_t {
  kForwarded,         ///< a target's answer was passed on, whatever its status
  kStored,            ///< the body is an event in its topic
  kRateLimited,       ///< refused by a rate_limit filter
  kLimitUnknown,      ///< the Redis of a shared limit does not answer, and `on_failure` refuses
  kNoRoute,           ///< no route matches host and path
  kMethodNotAllowed,  ///< routes match host and path, none takes the method
  kBadRequest,        ///< bytes that no strict reader accepts; http::Reason says which
  kBodyTooLarge,      ///< over limits.body, or over what an event may hold
  kBadEvent,          ///< the body does not make an event
  kNoTarget,          ///< no target of the service is available
  kBreakerOpen,       ///< shed: the service's breaker is open, or half-open with all probes out
  kOverloaded,        ///< shed: as many requests as the service's concurrency limit are in flight
  kThrottled,         ///< shed: the service refuses too many for one more to be worth sending
  kConnectRefused,
  kConnectFailed,
  kConnectTimedOut,
  kResponseTimedOut,   ///< the target took the request and did not answer in time
  kUpstreamClosed,     ///< the target closed the connection before a whole head
  kUpstreamInvalid,    ///< the target's answer was refused; http::Reason says why
  kUpstreamTruncated,  ///< the target stopped in the middle of a body; the client saw it break off
  kStoreFailed,        ///< the store refused the event
  kStoreTimedOut,      ///< the store did not answer in time; the event may be in it
  kClientTimedOut,     ///< the client stopped in the middle of a head or a body
  kClientClosed,       ///< the client left before its answer was complete
  kCount               ///< how many there are; not an outcome
};

inline constexpr std::size_t kOutcomeCount = static_cast<std::size_t>(Outcome::kCount);

/// `forwarded`, `rate_limited`, … Static text.
[[nodiscard]] std::string_view to_text(Outcome outcome) noexcept;

/// The status of our own answer; 0 if there is none: the upstream's status was passed on, or nobody
/// is there to read one. For kBadRequest see http::status_of.
[[nodiscard]] int status_of(Outcome outcome) noexcept;

/// One clause for people, for the problem document's `detail`. Static text; may be empty.
[[nodiscard]] std::string_view describe(Outcome outcome) noexcept;

/// `urn:headgate:outcome:NAME`, the problem document's `type`. Static text.
[[nodiscard]] std::string_view type_of(Outcome outcome) noexcept;

}  // namespace headgate::gateway
