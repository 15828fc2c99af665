#include "headgate/gateway/client.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::gateway {
namespace {

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::size_t kProblemMax = 4096;  // the names of 16 limits are most of it

/// The config may ask for less than the parser bears.
http::Reason over_limits(const http::RequestHead& head, const config::LimitsConfig& limits) {
  // The request line is method, target, version, two blanks.
  const std::size_t line = to_text(head.method).size() + head.target.size() + 10;
  if (line > limits.request_line.count) return http::Reason::kTargetLong;
  if (head.size > limits.head.count) return http::Reason::kHeadLarge;
  if (head.fields.size() > limits.fields) return http::Reason::kFieldsMany;
  return http::Reason::kNone;
}

}  // namespace

ClientConnection::ClientConnection(Context& context, ClientOwner& owner)
    : context_(context),
      owner_(owner),
      stream_(context.loop, *this),
      deadline_(net::callback<&ClientConnection::on_deadline>(this)),
      shared_(*this),
      exchange_(context, *this) {}

void ClientConnection::open(net::Fd socket, const net::Address& peer) {
  HG_ASSERT(phase_ == Phase::kClosed);
  phase_ = Phase::kHead;
  head_begun_ = false;
  head_size_ = 0;
  parser_.reset();
  record_ = Record{};
  record_.client = peer;
  name_.set(peer);
  stream_.open(std::move(socket));
  // The first head must come as fast as any other: a connection that says nothing costs as much as
  // one that says it slowly.
  arm(context_.snapshot.config().limits.head_timeout);
}

void ClientConnection::arm(Duration after) {
  context_.loop.deadlines().arm(deadline_, context_.loop.now() + after);
}

void ClientConnection::drain() {
  if (phase_ != Phase::kHead || head_begun_) return;
  phase_ = Phase::kEnding;
  stream_.finish();
}

// --- entries from the loop
// ------------------------------------------------------------------------

void ClientConnection::on_input(net::Stream& /*from*/) { pump(); }

void ClientConnection::on_drained(net::Stream& /*to*/) {
  if (phase_ == Phase::kForward) exchange_.relay_response();
  pump();
}

void ClientConnection::on_closed(net::Stream& /*which*/, net::CloseReason /*reason*/) {
  if (phase_ == Phase::kForward) exchange_.abort();
  if (phase_ == Phase::kLimit) shared_.cancel();
  if (phase_ == Phase::kLimit || phase_ == Phase::kHeld || phase_ == Phase::kForward ||
      phase_ == Phase::kCollect || phase_ == Phase::kStore) {
    record_request(Outcome::kClientClosed, false);
  }
  phase_ = Phase::kClosed;
  deadline_.cancel();
  head_.reset();
  owner_.on_client_closed(*this);
}

void ClientConnection::on_deadline(TimePoint /*now*/) noexcept {
  switch (phase_) {
    case Phase::kHead:
      if (!head_begun_) return stream_.close(net::CloseReason::kTimedOut);
      record_.start = context_.loop.now();
      record_.number = ++context_.requests;
      persistent_ = false;
      answer(Outcome::kClientTimedOut);
      break;
    case Phase::kForward:
      exchange_.on_deadline();
      break;
    case Phase::kCollect:
      answer(Outcome::kClientTimedOut);
      break;
    case Phase::kStore:
      answer(Outcome::kStoreTimedOut);
      break;
    case Phase::kDiscard:
      stream_.close(net::CloseReason::kTimedOut);
      break;
    case Phase::kHeld:
      on_hold_over();
      break;
    case Phase::kLimit:  // waits for as long as the limit's own timeout
    case Phase::kEnding:
    case Phase::kClosed:
      break;
  }
  pump();
}

void ClientConnection::pump() {
  bool more = true;
  while (more && stream_.usable()) {
    switch (phase_) {
      case Phase::kHead:
        more = read_head();
        break;
      case Phase::kForward:
        exchange_.relay_request();
        more = phase_ != Phase::kForward;
        break;
      case Phase::kCollect:
        more = collect_body();
        break;
      case Phase::kDiscard:
        more = discard_body();
        break;
      case Phase::kLimit:
      case Phase::kHeld:
      case Phase::kStore:
      case Phase::kEnding:
      case Phase::kClosed:
        more = false;
        break;
    }
  }
}

// --- a request
// ------------------------------------------------------------------------------------

bool ClientConnection::read_head() {
  if (stream_.pending() > 0) return false;  // the answer before is not out yet
  const std::string_view input = stream_.input();
  if (input.empty()) {
    if (stream_.input_ended()) stream_.close();
    return false;
  }
  if (!head_begun_) {
    head_begun_ = true;
    arm(context_.snapshot.config().limits.head_timeout);
  }
  switch (parser_.parse(input)) {
    case http::Progress::kNeedMore:
      if (stream_.input_ended()) stream_.close();
      return false;
    case http::Progress::kRefused:
      record_.start = context_.loop.now();
      record_.number = ++context_.requests;
      persistent_ = false;
      answer(Outcome::kBadRequest, parser_.reason());
      return false;
    case http::Progress::kDone:
      break;
  }
  begin_request();
  return true;
}

void ClientConnection::begin_request() {
  const http::RequestHead& head = parser_.head();
  record_.start = context_.loop.now();
  record_.number = ++context_.requests;
  record_.method = head.method;
  context_.counters.requests_in_flight.add();
  minor_ = head.minor;
  persistent_ = false;  // until the head is known to be sound
  head_size_ = head.size;
  path_ = head.target;
  query_ = {};
  if (const http::Reason over = over_limits(head, context_.snapshot.config().limits);
      over != http::Reason::kNone) {
    return answer(Outcome::kBadRequest, over);
  }
  const auto request = http::examine(head, stream_.mutable_input().data());
  if (!request) return answer(Outcome::kBadRequest, request.error());
  persistent_ = request->persistent;
  continue_due_ = request->expects_continue;
  path_ = request->path;
  query_ = request->query;
  body_.begin(request->body, BodyRelay::Out::kRaw);  // what becomes of it is not known yet
  route_request(*request);
}

void ClientConnection::route_request(const http::Request& request) {
  if (const ratelimit::Consumers& consumers = context_.snapshot.consumers(); !consumers.empty()) {
    record_.consumer = consumers.find(parser_.head().fields.value(ratelimit::Consumers::kHeader));
  }
  const routing::Found found =
      context_.snapshot.router().find(request.host, request.path, request.method);
  if (found.kind == routing::Found::Kind::kNotFound) return answer(Outcome::kNoRoute);
  if (found.kind == routing::Found::Kind::kMethodNotAllowed) {
    const std::string allow = "Allow: " + to_text(found.allowed) + "\r\n";
    return answer(Outcome::kMethodNotAllowed, http::Reason::kNone, allow);
  }
  route_ = &context_.snapshot.routes()[found.route];
  record_.route = static_cast<std::uint32_t>(found.route);
  request_ = request;
  begin_admission();
}

/// The request may pass.
void ClientConnection::serve() {
  const std::optional<Bytes>& body_max = context_.snapshot.config().limits.body;
  if (body_max && request_.body.length > body_max->count) return answer(Outcome::kBodyTooLarge);
  if (Service* service = route_->service()) {
    phase_ = Phase::kForward;
    return exchange_.start(*service, parser_.head(), request_,
                           service->call_of(caller(), context_.loop.now()));
  }
  begin_collecting();
}

bool ClientConnection::keep_head(std::string_view rendered) {
  head_ = context_.loop.buffers().lend();
  const std::size_t size = std::min(rendered.size(), net::kBufferSize);
  std::ranges::copy(rendered.substr(0, size), head_->bytes.begin());
  head_->end = size;
  // A target is at most half a buffer long.
  path_ = {head_->bytes.data() + to_text(record_.method).size() + 1, path_.size() + query_.size()};
  query_ = {};
  stream_.consume(std::exchange(head_size_, 0));
  return size == rendered.size();
}

std::string_view ClientConnection::kept_head() const noexcept {
  return {head_->bytes.data(), head_->size()};
}

void ClientConnection::send_continue() {
  if (!continue_due_) return;
  continue_due_ = false;
  // A client that has sent part of the body already does not wait (RFC 9110 section 10.1.1).
  if (stream_.input().empty()) stream_.send(kContinue);
}

// --- the answer
// -----------------------------------------------------------------------------------

void ClientConnection::answer(Outcome outcome, http::Reason reason, std::string_view fields) {
  http::Problem problem{.status = status_of(outcome),
                        .type = type_of(outcome),
                        .title = {},
                        .detail = describe(outcome)};
  if (reason != http::Reason::kNone && outcome == Outcome::kBadRequest) {
    problem = http::problem_of(reason);
  }
  record_.reason = reason;
  answer_problem(problem, outcome, fields);
}

void ClientConnection::answer_problem(const http::Problem& problem, Outcome outcome,
                                      std::string_view fields) {
  std::array<char, kProblemMax> text;
  const std::size_t size = http::write_problem(problem, text);
  send_answer({.status = problem.status,
               .content_type = http::kProblemContentType,
               .body = {text.data(), size},
               .head_only = record_.method == http::Method::kHead},
              outcome, fields);
}

/// Whether what is left of the request's body can be thrown away to keep the connection.
bool ClientConnection::can_discard() const noexcept {
  if (body_.refused() != http::Reason::kNone) return false;
  return body_.done() || (!continue_due_ && body_.left_at_most(kDiscardMax));
}

void ClientConnection::send_answer(const http::Answer& answer, Outcome outcome,
                                   std::string_view fields) {
  const bool keep = persistent_ && !context_.draining && can_discard();
  const std::size_t size =
      http::render_answer(answer,
                          {.client_minor = minor_,
                           .keep_open = keep,
                           .extra = fields_with_limits(fields, outcome == Outcome::kRateLimited)},
                          context_.scratch->head);
  HG_ASSERT(size > 0);
  record_.status = static_cast<std::uint16_t>(answer.status);
  record_.bytes_out = answer.head_only ? 0 : answer.body.size();
  stream_.send({context_.scratch->head.data(), size});
  end_request(outcome, true, keep);
}

void ClientConnection::end_request(Outcome outcome, bool answered, bool keep) {
  record_request(outcome, answered);
  stream_.consume(std::exchange(head_size_, 0));
  head_.reset();
  route_ = nullptr;
  path_ = query_ = {};
  parser_.reset();
  head_begun_ = false;
  if (!keep || context_.draining) {
    phase_ = Phase::kEnding;
    return stream_.finish();
  }
  discarded_ = 0;
  phase_ = body_.done() ? Phase::kHead : Phase::kDiscard;
  const config::LimitsConfig& limits = context_.snapshot.config().limits;
  arm(phase_ == Phase::kHead ? limits.idle_timeout : limits.head_timeout);
}

void ClientConnection::break_off(Outcome outcome, net::CloseReason reason) {
  record_request(outcome, false);
  phase_ = Phase::kEnding;
  stream_.close(reason);
}

void ClientConnection::record_request(Outcome outcome, bool answered) {
  WorkerCounters& counters = context_.counters;
  charges_.settle();
  record_.outcome = outcome;
  record_.answered = answered;
  record_.worker = context_.index;
  record_.total = context_.loop.now() - record_.start;
  counters.outcomes[static_cast<std::size_t>(outcome)].add();
  if (record_.reason != http::Reason::kNone) {
    counters.refused_bytes[static_cast<std::size_t>(record_.reason)].add();
  }
  RouteCounters& route = route_ == nullptr ? counters.unrouted : counters.routes[route_->number];
  route.requests[answered ? status_class(record_.status) : 0].add();
  if (answered) route.durations.add(record_.total);
  counters.bytes_in.add(record_.bytes_in);
  counters.bytes_out.add(record_.bytes_out);
  if (record_.method != http::Method::kUnknown) counters.requests_in_flight.subtract();
  if (context_.recorder.wants(record_.route)) context_.records.add(record_, path_, query_);
  const net::Address client = record_.client;
  record_ = Record{};
  record_.client = client;
}

bool ClientConnection::discard_body() {
  const std::string_view input = stream_.input();
  if (input.empty()) {
    if (stream_.input_ended()) stream_.close();
    return false;
  }
  const BodyRelay::Step step = body_.step(input, context_.scratch->body);
  stream_.consume(step.consumed);
  discarded_ += step.consumed;
  if (body_.refused() != http::Reason::kNone || discarded_ > kDiscardMax) {
    phase_ = Phase::kEnding;
    stream_.finish();
    return false;
  }
  if (!body_.done()) return true;
  phase_ = Phase::kHead;
  arm(context_.snapshot.config().limits.idle_timeout);
  return true;
}

}  // namespace headgate::gateway
