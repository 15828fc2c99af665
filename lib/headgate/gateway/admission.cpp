// The part of a client connection that walks a request through the limits of its route, one filter
// after the other.
//
// A limit that is shared with other gateways may have to ask; then the walk stops. The head stays
// in the input buffer, where nothing moves it while reading is paused, and the walk goes on where
// it stopped when the verdict comes, which it does within the limit's timeout.
#include <algorithm>
#include <array>

#include "headgate/core/check.hpp"
#include "headgate/gateway/client.hpp"
#include "headgate/http/problem.hpp"
#include "headgate/ratelimit/fields.hpp"

namespace headgate::gateway {
namespace {

constexpr std::size_t kRetryAfterMax = 64;
constexpr std::string_view kComeBackSoon = "Retry-After: 1\r\n";

/// Of a limit whose state is not here: what it has said, and no more.
ratelimit::Standing standing_of(const ratelimit::Decision& said, bool refuses, TimePoint now) {
  return {.known = true,
          .at = now,
          .remaining = said.remaining,
          .more_after = refuses ? said.retry_after : kNever,
          .reset_after = said.reset_after};
}

/// What the shared limits of a filter have said, at their places among `standings`.
void take_standings(const SharedGroup& group, const SharedVerdict& verdict, TimePoint now,
                    std::span<ratelimit::Standing> standings) {
  for (std::size_t i = 0; i < group.limits().size(); ++i) {
    const std::size_t number = group.limits()[i].index;
    const bool refuses = ((verdict.violated >> number) & 1U) != 0;
    if (!verdict.each.empty()) {
      standings[number] = standing_of(verdict.each[i], refuses, now);
    } else if (refuses) {
      standings[number] = standing_of(verdict.decision, true, now);
    }
  }
}

/// One clause for people: why a request is refused, and what to do.
std::string_view detail_of(const ratelimit::Decision& refusal) {
  switch (refusal.reason) {
    case ratelimit::Reason::kNever:
      return "the request is more than the limit for this caller ever admits";
    case ratelimit::Reason::kTableFull:
      return "too many callers are counted at present; Retry-After says when to come back";
    case ratelimit::Reason::kAdmitted:
    case ratelimit::Reason::kOverLimit:
    case ratelimit::Reason::kDelayed:
      break;
  }
  if (refusal.retry_after == kNever) {
    return "this caller has as many requests at work as it may; come back when one is over";
  }
  return describe(Outcome::kRateLimited);
}

}  // namespace

Caller ClientConnection::caller() const noexcept {
  const Service* service = route_->service();
  return {.client = name_,
          .consumer = record_.consumer,
          .route = route_->name,
          .service = service == nullptr ? std::string_view{} : service->name(),
          .fields = parser_.head().fields};
}

void ClientConnection::begin_admission() {
  limits_passed_ = 0;
  standings_.assign(route_->labels.size(), {});
  continue_admission();
}

void ClientConnection::continue_admission() {
  for (; limits_passed_ < route_->limits.size(); ++limits_passed_) {
    if (!admitted_by(*route_->limits[limits_passed_])) return;
  }
  serve();
}

/// Where the limits of the filter say what they say.
std::span<ratelimit::Standing> ClientConnection::standings_of(const RateLimit& limit) noexcept {
  return std::span{standings_}.subspan(limit.first_label(), limit.labels().size());
}

/// False if the request has been refused, or has to wait.
bool ClientConnection::admitted_by(RateLimit& limit) {
  const RateLimit::Answer answer =
      limit.admit(caller(), context_.loop.now(), charges_, standings_of(limit));
  if (!answer.decision.admitted) {
    refuse(limit, answer);
    return false;
  }
  if (answer.decision.delay > Duration::zero()) {
    hold(answer.decision.delay);
    return false;
  }
  return admitted_by_others(limit);
}

/// The limits of the filter that other gateways share. False as above.
bool ClientConnection::admitted_by_others(RateLimit& limit) {
  if (limit.shared() == nullptr) return true;
  const auto verdict = shared_.start(context_.shared.limits(limit.shared_number()), caller());
  if (verdict) return admitted_by_share(limit, *verdict);
  phase_ = Phase::kLimit;
  stream_.pause_reading();
  return false;
}

/// False if the request has been refused.
bool ClientConnection::admitted_by_share(RateLimit& limit, const SharedVerdict& verdict) {
  RateLimit::Answer decided{.decision = verdict.decision, .violated = verdict.violated};
  if (verdict.failure) {
    SharedCounters& counters = context_.counters.shared[limit.shared_number()];
    counters.failures[static_cast<std::size_t>(*verdict.failure)].add();
    switch (limit.shared()->spec().on_failure) {
      case ratelimit::OnFailure::kAdmit:
        return true;
      case ratelimit::OnFailure::kRefuse:
        take_back_charges();
        answer(Outcome::kLimitUnknown, http::Reason::kNone, kComeBackSoon);
        return false;
      case ratelimit::OnFailure::kLocal:
        decided =
            limit.admit_shared_part(caller(), context_.loop.now(), charges_, standings_of(limit));
        break;
    }
  } else {
    take_standings(*limit.shared(), verdict, context_.loop.now(), standings_of(limit));
  }
  if (decided.decision.admitted) return true;
  refuse(limit, decided);
  return false;
}

/// A leaky_queue has admitted the request, for later. Its bytes stay where they are.
void ClientConnection::hold(Duration delay) {
  phase_ = Phase::kHeld;
  stream_.pause_reading();
  arm(delay);
}

void ClientConnection::on_hold_over() {
  phase_ = Phase::kHead;
  stream_.resume_reading();
  if (!admitted_by_others(*route_->limits[limits_passed_])) return;
  ++limits_passed_;
  continue_admission();
}

/// A refusal spends nothing, also in the limits that were asked before and have admitted. What is
/// counted in Redis stays there.
void ClientConnection::take_back_charges() noexcept {
  const TimePoint now = context_.loop.now();
  charges_.refund(now, [&](ratelimit::Limiter& limiter, std::uint64_t key, std::size_t label) {
    standings_[label] = RateLimit::standing(limiter, key, now);
  });
}

void ClientConnection::refuse(const RateLimit& limit, const RateLimit::Answer& refusal) {
  take_back_charges();
  std::array<std::string_view, ratelimit::Chain::kLimitsMax> violated;
  std::size_t count = 0;
  for (std::size_t i = 0; i < limit.labels().size(); ++i) {
    if (((refusal.violated >> i) & 1U) != 0) violated[count++] = limit.labels()[i].name;
  }
  std::array<char, kRetryAfterMax> retry_after;
  const Duration wait = ratelimit::wait_to_tell(
      refusal.decision, limit.retry_jitter(refusal.violated), context_.random);
  const std::size_t size = ratelimit::write_retry_after(wait, retry_after);
  answer_problem({.status = status_of(Outcome::kRateLimited),
                  .type = http::kQuotaExceeded,
                  .title = http::kQuotaExceededTitle,
                  .detail = detail_of(refusal.decision),
                  .violated = std::span{violated}.first(count)},
                 Outcome::kRateLimited, {retry_after.data(), size});
}

/// `first` and the fields that tell of the route's limits, in the scratch space of the worker.
std::string_view ClientConnection::fields_with_limits(std::string_view first,
                                                      bool refused) noexcept {
  if (route_ == nullptr || route_->labels.empty()) return first;
  const std::span<char> space{context_.scratch->fields};
  HG_ASSERT(first.size() + ratelimit::kFieldsMax <= space.size());
  std::ranges::copy(first, space.begin());
  const std::size_t size =
      ratelimit::write_limit_fields(route_->labels, standings_,
                                    {.now = context_.loop.now(),
                                     .epoch = route_->dated ? net::EventLoop::epoch() : Duration{},
                                     .refused = refused},
                                    space.subspan(first.size()));
  return {space.data(), first.size() + size};
}

void ClientConnection::on_verdict(const SharedVerdict& verdict) {
  HG_ASSERT(phase_ == Phase::kLimit);
  phase_ = Phase::kHead;
  stream_.resume_reading();
  if (admitted_by_share(*route_->limits[limits_passed_], verdict)) {
    ++limits_passed_;
    continue_admission();
  }
  pump();
}

}  // namespace headgate::gateway
