#include "headgate/gateway/outcome.hpp"

#include <array>

#include "headgate/core/check.hpp"

namespace headgate::gateway {
namespace {

constexpr std::string_view kTypePrefix = "urn:headgate:outcome:";

struct Entry {
  Outcome outcome;
  std::string_view type;  // kTypePrefix and the name
  int status;
  std::string_view detail;
};

constexpr std::array<Entry, kOutcomeCount> kEntries{{
    {Outcome::kForwarded, "urn:headgate:outcome:forwarded", 0, ""},
    {Outcome::kStored, "urn:headgate:outcome:stored", 202, ""},
    {Outcome::kRateLimited, "urn:headgate:outcome:rate_limited", 429,
     "the limit for this caller is spent; Retry-After says when to come back"},
    {Outcome::kLimitUnknown, "urn:headgate:outcome:limit_unknown", 503,
     "whether the limit for this caller is spent cannot be known now"},
    {Outcome::kNoRoute, "urn:headgate:outcome:no_route", 404, "no route matches host and path"},
    {Outcome::kMethodNotAllowed, "urn:headgate:outcome:method_not_allowed", 405,
     "no route takes this method here; Allow lists those that are taken"},
    {Outcome::kBadRequest, "urn:headgate:outcome:bad_request", 400, ""},
    {Outcome::kBodyTooLarge, "urn:headgate:outcome:body_too_large", 413,
     "the body is larger than is accepted here"},
    {Outcome::kBadEvent, "urn:headgate:outcome:bad_event", 400, "the body does not make an event"},
    {Outcome::kNoTarget, "urn:headgate:outcome:no_target", 503,
     "no target of the service is available"},
    {Outcome::kBreakerOpen, "urn:headgate:outcome:breaker_open", 503,
     "the service has been failing; Retry-After says when it is tried again"},
    {Outcome::kOverloaded, "urn:headgate:outcome:overloaded", 503,
     "the service has as many requests at work as it may"},
    {Outcome::kThrottled, "urn:headgate:outcome:throttled", 503,
     "the service refuses most requests at present"},
    {Outcome::kConnectRefused, "urn:headgate:outcome:connect_refused", 502,
     "the target refused the connection"},
    {Outcome::kConnectFailed, "urn:headgate:outcome:connect_failed", 502,
     "the target could not be reached"},
    {Outcome::kConnectTimedOut, "urn:headgate:outcome:connect_timed_out", 504,
     "the target did not take the connection in time"},
    {Outcome::kResponseTimedOut, "urn:headgate:outcome:response_timed_out", 504,
     "the target did not answer in time"},
    {Outcome::kUpstreamClosed, "urn:headgate:outcome:upstream_closed", 502,
     "the target closed the connection without an answer"},
    {Outcome::kUpstreamInvalid, "urn:headgate:outcome:upstream_invalid", 502,
     "the target's answer is not sound HTTP"},
    {Outcome::kUpstreamTruncated, "urn:headgate:outcome:upstream_truncated", 0, ""},
    {Outcome::kStoreFailed, "urn:headgate:outcome:store_failed", 503,
     "the store did not take the event; it was not stored"},
    {Outcome::kStoreTimedOut, "urn:headgate:outcome:store_timed_out", 504,
     "the store did not answer in time; the event may have been stored"},
    {Outcome::kClientTimedOut, "urn:headgate:outcome:client_timed_out", 408,
     "the request was not complete in time"},
    {Outcome::kClientClosed, "urn:headgate:outcome:client_closed", 0, ""},
}};

const Entry& entry(Outcome outcome) noexcept {
  const auto index = static_cast<std::size_t>(outcome);
  HG_ASSERT(index < kEntries.size() && kEntries[index].outcome == outcome);
  return kEntries[index];
}

}  // namespace

std::string_view to_text(Outcome outcome) noexcept {
  return entry(outcome).type.substr(kTypePrefix.size());
}
int status_of(Outcome outcome) noexcept { return entry(outcome).status; }
std::string_view describe(Outcome outcome) noexcept { return entry(outcome).detail; }
std::string_view type_of(Outcome outcome) noexcept { return entry(outcome).type; }

}  // namespace headgate::gateway
