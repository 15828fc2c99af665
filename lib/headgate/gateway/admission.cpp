// The part of a client connection that walks a request through the limits of its route, one filter
// after the other.
//
// A limit that is shared with other gateways may have to ask; then the walk stops. The head stays
// in the input buffer, where nothing moves it while reading is paused, and the walk goes on where
// it stopped when the verdict comes, which it does within the limit's timeout.
#include <array>

#include "headgate/core/check.hpp"
#include "headgate/gateway/client.hpp"

namespace headgate::gateway {
namespace {

constexpr std::size_t kFieldLinesMax = 1024;
constexpr std::string_view kComeBackSoon = "Retry-After: 1\r\n";

}  // namespace

Caller ClientConnection::caller() const noexcept {
  const Service* service = route_->service();
  return {.client = name_.key(),
          .consumer = record_.consumer,
          .route = route_->name,
          .service = service == nullptr ? std::string_view{} : service->name(),
          .fields = parser_.head().fields};
}

void ClientConnection::begin_admission() {
  limits_passed_ = 0;
  continue_admission();
}

void ClientConnection::continue_admission() {
  for (; limits_passed_ < route_->limits.size(); ++limits_passed_) {
    if (!admitted_by(*route_->limits[limits_passed_])) return;
  }
  serve();
}

/// False if the request has been refused, or has to wait.
bool ClientConnection::admitted_by(RateLimit& limit) {
  const RateLimit::Answer answer = limit.admit(caller(), context_.loop.now(), places_);
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
  RateLimit::Answer decided{.decision = verdict.decision, .limit = verdict.limit};
  if (verdict.failure) {
    SharedCounters& counters = context_.counters.shared[limit.shared_number()];
    counters.failures[static_cast<std::size_t>(*verdict.failure)].add();
    switch (limit.shared()->spec().on_failure) {
      case ratelimit::OnFailure::kAdmit:
        return true;
      case ratelimit::OnFailure::kRefuse:
        answer(Outcome::kLimitUnknown, http::Reason::kNone, kComeBackSoon);
        return false;
      case ratelimit::OnFailure::kLocal:
        decided = limit.admit_shared_part(caller(), context_.loop.now(), places_);
        break;
    }
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

void ClientConnection::refuse(const RateLimit& limit, const RateLimit::Answer& refusal) {
  std::array<char, kFieldLinesMax> fields;
  const std::size_t size = limit.write_fields(refusal, fields);
  answer(Outcome::kRateLimited, http::Reason::kNone, {fields.data(), size});
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
