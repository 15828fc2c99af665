#include "headgate/gateway/exchange.hpp"

#include <string>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/gateway/client.hpp"
#include "headgate/http/render.hpp"

namespace headgate::gateway {
namespace {

constexpr std::string_view kPseudonym = "headgate";

Outcome outcome_of(net::CloseReason reason) noexcept {
  switch (reason) {
    case net::CloseReason::kConnectRefused:
      return Outcome::kConnectRefused;
    case net::CloseReason::kConnectFailed:
      return Outcome::kConnectFailed;
    case net::CloseReason::kTimedOut:
    case net::CloseReason::kReset:
    case net::CloseReason::kTlsFailed:
    case net::CloseReason::kLocal:
      break;
  }
  return Outcome::kUpstreamClosed;
}

/// What the retry policy calls it.
resilience::Fault fault_of(Outcome outcome) noexcept {
  using FaultKind = resilience::Fault::Kind;
  switch (outcome) {
    case Outcome::kConnectRefused:
    case Outcome::kConnectFailed:
    case Outcome::kConnectTimedOut:
      return {.kind = FaultKind::kConnectFailure};
    case Outcome::kResponseTimedOut:
      return {.kind = FaultKind::kTimeout};
    default:
      return {.kind = FaultKind::kReset};
  }
}

/// Whether an exchange that ended so says something against the target.
bool blames_target(Outcome outcome) noexcept {
  switch (outcome) {
    case Outcome::kConnectRefused:
    case Outcome::kConnectFailed:
    case Outcome::kConnectTimedOut:
    case Outcome::kResponseTimedOut:
    case Outcome::kUpstreamClosed:
    case Outcome::kUpstreamInvalid:
    case Outcome::kUpstreamTruncated:
      return true;
    default:
      return false;
  }
}

}  // namespace

void Exchange::arm(Duration after) { client_.arm(after); }

// --- towards the target
// ---------------------------------------------------------------------------

void Exchange::start(Service& service, const http::RequestHead& head, const http::Request& request,
                     const balance::Call& call) {
  service_ = &service;
  call_ = call;
  upstream_ = nullptr;
  request_sent_ = head_passed_ = heard_ = keep_client_ = keep_upstream_ = false;
  body_begun_ = redone_ = waiting_ = false;
  retry_ = {};
  interims_ = 0;
  auto ticket = service.pick(call_);
  if (!ticket) return refuse(ticket.error());
  take_place(*std::move(ticket));
  host_known_ = !request.authority.empty();
  const std::size_t size = http::render_request(
      head, request,
      {.host = host_known_ ? std::string_view{} : std::string_view{target_->authority},
       .client = client_.name().address(),
       .via = kPseudonym},
      context_.scratch->head);
  if (size == 0) return fail(Outcome::kBadRequest, http::Reason::kHeadLarge);
  const bool chunked = request.body.kind == http::Framing::Kind::kChunked;
  client_.body().begin(request.body, chunked ? BodyRelay::Out::kChunked : BodyRelay::Out::kRaw);
  const bool whole = client_.keep_head({context_.scratch->head.data(), size});
  head_kept_ = whole;
  idempotent_ = http::is_idempotent(request.method);
  client_.send_continue();
  attempt(UpstreamPool::Take::kIdleFirst, {context_.scratch->head.data(), size});
}

void Exchange::take_place(Ticket ticket) {
  target_ = &service_->targets()[ticket.target];
  client_.record().target = static_cast<std::uint32_t>(ticket.target);
  ticket_ = std::move(ticket);
}

/// Sends the head, and with it what has come of the body, unless that may still go elsewhere.
void Exchange::attempt(UpstreamPool::Take take, std::string_view head) {
  upstream_ = &context_.upstreams.take(*service_, *target_, *this, take);
  Record& record = client_.record();
  ++record.attempts;
  record.reused = upstream_->reused();
  if (record.reused) context_.counters.targets[target_->number].reuses.add();
  const config::TimeoutsConfig& timeouts = service_->config().timeouts;
  arm(upstream_->stream.connecting() ? timeouts.connect : timeouts.idle);
  if (service_->retries() && !client_.body().done() && upstream_->stream.connecting()) {
    return upstream_->stream.send({head, {}});
  }
  const std::string_view input = client_.stream().input();
  const BodyRelay::Step step = client_.body().step(input, context_.scratch->body);
  if (client_.body().refused() != http::Reason::kNone) {
    return fail(Outcome::kBadRequest, client_.body().refused());
  }
  upstream_->stream.send({head, step.output});
  client_.stream().consume(step.consumed);
  body_begun_ = body_begun_ || step.consumed > 0;
  if (client_.body().done() && !upstream_->stream.connecting()) after_request_sent();
}

void Exchange::relay_request() {
  BodyRelay& body = client_.body();
  net::Stream& from = client_.stream();
  while (!body.done() && upstream_ != nullptr && upstream_->stream.pending() == 0) {
    if (from.input().empty()) {
      if (from.input_ended()) break_off(Outcome::kClientClosed);
      return;
    }
    const BodyRelay::Step step = body.step(from.input(), context_.scratch->body);
    if (body.refused() != http::Reason::kNone) {
      return fail(Outcome::kBadRequest, body.refused());
    }
    upstream_->stream.send(step.output);
    from.consume(step.consumed);
    body_begun_ = true;
    arm(service_->config().timeouts.idle);
    if (const auto& limit = context_.snapshot.config().limits.body;
        limit && body.size() > limit->count) {
      return fail(Outcome::kBodyTooLarge);
    }
  }
  if (body.done() && !request_sent_ && upstream_ != nullptr && !upstream_->stream.connecting()) {
    after_request_sent();
  }
}

void Exchange::after_request_sent() {
  request_sent_ = true;
  sent_ = context_.loop.now();
  if (!head_passed_) arm(service_->config().timeouts.response);
}

// --- towards the client
// ---------------------------------------------------------------------------

void Exchange::on_upstream_connected() {
  arm(service_->config().timeouts.idle);
  client_.pump();
}

void Exchange::on_upstream_drained() { client_.pump(); }

void Exchange::on_upstream_input() {
  heard_ = heard_ || !upstream_->stream.input().empty();
  if (!head_passed_ && !read_head()) return client_.pump();
  relay_response();
  client_.pump();
}

/// Whether the head of the answer is now with the client.
bool Exchange::read_head() {
  while (upstream_ != nullptr) {
    net::Stream& from = upstream_->stream;
    http::ResponseParser& parser = upstream_->parser;
    switch (parser.parse(from.input())) {
      case http::Progress::kNeedMore:
        if (from.input_ended()) upstream_lost(Outcome::kUpstreamClosed);
        return false;
      case http::Progress::kRefused:
        fail(Outcome::kUpstreamInvalid, parser.reason());
        return false;
      case http::Progress::kDone:
        break;
    }
    const auto response = http::examine(parser.head(), client_.record().method);
    if (!response) {
      fail(Outcome::kUpstreamInvalid, response.error());
      return false;
    }
    if (!response->interim) {
      const int status = parser.head().status;
      if (retry_later({.kind = resilience::Fault::Kind::kStatus, .status = status},
                      Outcome::kForwarded, status)) {
        return false;
      }
      pass_head(*response);
      return head_passed_;
    }
    from.consume(parser.head().size);
    parser.reset();
    if (++interims_ > kInterimMax) {
      fail(Outcome::kUpstreamInvalid);
      return false;
    }
  }
  return false;
}

void Exchange::pass_head(const http::Response& response) {
  const http::ResponseHead& head = upstream_->parser.head();
  const http::Framing framing = http::answer_framing(response.body, client_.minor());
  // An answer that comes before the request is whole ends the connection: who knows what of the
  // rest of the body the target has seen, and the client may go on sending it for long.
  keep_client_ = client_.persistent() && client_.body().done() && !context_.draining &&
                 framing.kind != http::Framing::Kind::kUntilClose;
  keep_upstream_ = response.persistent;
  const std::size_t size = http::render_response(
      head, framing,
      {.client_minor = client_.minor(),
       .keep_open = keep_client_,
       .extra = client_.fields_with_limits(
           call_.sticky == target_->id ? std::string_view{} : std::string_view{target_->cookie}),
       .replaced = client_.replaced_fields()},
      context_.scratch->head);
  if (size == 0) return fail(Outcome::kUpstreamInvalid, http::Reason::kHeadLarge);
  Record& record = client_.record();
  record.status = static_cast<std::uint16_t>(head.status);
  record.upstream = context_.loop.now() - (request_sent_ ? sent_ : record.start);
  count_attempt(head.status);
  response_.begin(response.body, framing.kind == http::Framing::Kind::kChunked
                                     ? BodyRelay::Out::kChunked
                                     : BodyRelay::Out::kRaw);
  head_passed_ = true;
  net::Stream& from = upstream_->stream;
  from.consume(head.size);
  const BodyRelay::Step step = response_.step(from.input(), context_.scratch->body);
  client_.stream().send({{context_.scratch->head.data(), size}, step.output});
  from.consume(step.consumed);
  arm(service_->config().timeouts.idle);
}

void Exchange::relay_response() {
  if (!head_passed_ || upstream_ == nullptr) return;
  net::Stream& from = upstream_->stream;
  net::Stream& to = client_.stream();
  while (!response_.done() && to.pending() == 0 && !from.input().empty()) {
    const BodyRelay::Step step = response_.step(from.input(), context_.scratch->body);
    to.send(step.output);
    from.consume(step.consumed);
    arm(service_->config().timeouts.idle);
    if (response_.refused() != http::Reason::kNone) break;
  }
  if (response_.refused() != http::Reason::kNone) {
    client_.record().reason = response_.refused();
    return break_off(Outcome::kUpstreamInvalid);
  }
  if (!response_.done() && from.input_ended() && from.input().empty()) {
    if (!response_.ends_with_connection()) return break_off(Outcome::kUpstreamTruncated);
    to.send(response_.end_of_input());
  }
  if (response_.done()) complete();
}

// --- the end
// --------------------------------------------------------------------------------------

void Exchange::release_upstream() {
  if (upstream_ == nullptr) return;
  UpstreamConnection& connection = *std::exchange(upstream_, nullptr);
  const net::Stream& stream = connection.stream;
  // Bytes beyond the answer would be taken for the next one; a request cut short would go on in it.
  const bool clean = response_.done() && head_passed_ && keep_upstream_ && request_sent_ &&
                     stream.usable() && !stream.input_ended() && stream.input().empty() &&
                     stream.pending() == 0 && !context_.draining;
  if (clean) {
    context_.upstreams.give_back(connection);
  } else {
    context_.upstreams.discard(connection);
  }
}

/// Tells the service how the target did: until the head of its answer, of `status`, or 0 if there
/// was none; for how fast the body goes is up to the client too.
void Exchange::report(Outcome outcome, int status) {
  if (!ticket_) return;
  Ticket ticket = std::move(*ticket_);
  ticket_.reset();
  const bool at_fault = blames_target(outcome);
  if (status == 0 && !at_fault) return service_->release(std::move(ticket));
  const TimePoint now = context_.loop.now();
  service_->done(std::move(ticket),
                 {.latency = head_passed_ ? client_.record().upstream : now - call_.now,
                  .failed = at_fault || status >= 500,
                  .refused = at_fault || status == 429 || status == 503},
                 now);
}

void Exchange::complete() {
  Record& record = client_.record();
  record.bytes_in = client_.body().size();
  record.bytes_out = response_.size();
  release_upstream();
  report(Outcome::kForwarded, record.status);
  client_.end_request(Outcome::kForwarded, true, keep_client_);
}

/// The target's connection ended before a whole head.
void Exchange::upstream_lost(Outcome outcome) {
  const bool again = head_kept_ && client_.body().done() && !body_begun_ && idempotent_ &&
                     !heard_ && client_.record().reused && !redone_;
  if (!again) return attempt_failed(outcome);
  if (upstream_ != nullptr) context_.upstreams.discard(*std::exchange(upstream_, nullptr));
  context_.counters.targets[target_->number].retries.add();
  redone_ = true;
  request_sent_ = false;
  attempt(UpstreamPool::Take::kNew, client_.kept_head());
}

void Exchange::attempt_failed(Outcome outcome) {
  if (!retry_later(fault_of(outcome), outcome, 0)) fail(outcome);
}

/// Whether the attempt that has ended so, before anything of its answer was passed on, will be made
/// again; then it is over.
bool Exchange::retry_later(const resilience::Fault& fault, Outcome outcome, int status) {
  if (!service_->retries()) return false;
  const bool not_sent = fault.kind == resilience::Fault::Kind::kConnectFailure;
  const bool repeatable = head_kept_ && host_known_ && !body_begun_ && (idempotent_ || not_sent);
  const auto wait = service_->retry(fault, repeatable, retry_, context_.loop.now());
  if (!wait) return false;
  count_attempt(status);
  release_upstream();
  report(outcome, status);
  request_sent_ = heard_ = redone_ = false;
  interims_ = 0;
  waiting_ = true;
  arm(*wait);
  return true;
}

void Exchange::retry_now() {
  waiting_ = false;
  call_.now = context_.loop.now();
  auto ticket = service_->pick_again(call_, client_.record().target);
  if (!ticket) return refuse(ticket.error());
  take_place(*std::move(ticket));
  attempt(UpstreamPool::Take::kIdleFirst, client_.kept_head());
}

/// Answers for the service. No place at a target is held.
void Exchange::refuse(const NoPlace& refusal) {
  if (refusal.retry_after <= Duration::zero()) return client_.answer(refusal.outcome);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(refusal.retry_after).count();
  const std::string field = "Retry-After: " + std::to_string(seconds) + "\r\n";
  client_.answer(refusal.outcome, http::Reason::kNone, field);
}

void Exchange::on_upstream_closed(net::CloseReason reason) {
  upstream_ = nullptr;
  const Outcome outcome = outcome_of(reason);
  if (outcome != Outcome::kUpstreamClosed) {
    context_.counters.targets[target_->number].connect_failures.add();
  }
  if (head_passed_) {
    break_off(Outcome::kUpstreamTruncated);
  } else {
    upstream_lost(outcome);
  }
  client_.pump();
}

void Exchange::fail(Outcome outcome, http::Reason reason) {
  // Once a head has been passed on no other answer can follow it.
  if (head_passed_) return break_off(outcome);
  count_attempt(0);
  client_.record().bytes_in = client_.body().size();
  release_upstream();
  report(outcome, 0);
  client_.answer(outcome, reason);
}

void Exchange::break_off(Outcome outcome) {
  if (!head_passed_) count_attempt(0);
  client_.record().bytes_in = client_.body().size();
  client_.record().bytes_out = head_passed_ ? response_.size() : 0;
  release_upstream();
  report(outcome, head_passed_ ? client_.record().status : 0);
  client_.break_off(outcome);
}

void Exchange::abort() {
  if (!head_passed_ && !waiting_) count_attempt(0);
  release_upstream();
  report(Outcome::kClientClosed, head_passed_ ? client_.record().status : 0);
}

void Exchange::on_deadline() {
  if (waiting_) return retry_now();
  if (upstream_ != nullptr && upstream_->stream.connecting()) {
    context_.counters.targets[target_->number].connect_failures.add();
    return attempt_failed(Outcome::kConnectTimedOut);
  }
  if (head_passed_) {
    // Either side may be the one that stands still.
    const bool client_stalled = client_.stream().pending() > 0;
    return break_off(client_stalled ? Outcome::kClientTimedOut : Outcome::kUpstreamTruncated);
  }
  if (request_sent_) return attempt_failed(Outcome::kResponseTimedOut);
  const bool target_stalled = upstream_ != nullptr && upstream_->stream.pending() > 0;
  fail(target_stalled ? Outcome::kResponseTimedOut : Outcome::kClientTimedOut);
}

void Exchange::count_attempt(int status) {
  context_.counters.targets[target_->number].attempts[status_class(status)].add();
}

}  // namespace headgate::gateway
