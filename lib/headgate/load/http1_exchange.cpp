#include "headgate/load/http1_exchange.hpp"

#include "headgate/core/check.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {
namespace {

Failure failure_of(net::CloseReason reason) noexcept {
  switch (reason) {
    case net::CloseReason::kConnectRefused:
      return Failure::kConnectionRefused;
    case net::CloseReason::kConnectFailed:
      return Failure::kConnectFailed;
    default:
      return Failure::kConnectionReset;
  }
}

}  // namespace

Http1Exchange::Http1Exchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler)
    : loop_{loop}, target_{target}, handler_{handler}, stream_{loop, *this} {}

void Http1Exchange::connect() {
  up_ = true;
  connect_began_ = net::EventLoop::fresh_now();
  stream_.connect(target_.address);
}

void Http1Exchange::open() {
  HG_ASSERT(state_ == State::kIdle && !up_);
  state_ = State::kOpening;
  connect();
}

void Http1Exchange::start(Slot slot, const RequestText& request, const Fill& fill) {
  HG_ASSERT(slot == 0);
  HG_ASSERT(state_ == State::kIdle || state_ == State::kOpening);
  request_ = &request;
  fill_ = fill;
  state_ = State::kSending;
  if (!up_) return connect();
  reopen_ = !stream_.usable();  // it is closing for the request before
  if (!reopen_ && !stream_.connecting()) write();
}

void Http1Exchange::write() {
  const std::string_view bytes = request_->render(fill_, scratch_);
  reader_.begin(request_->is_head());
  first_byte_ = {};
  state_ = State::kReading;
  handler_.on_sent(0, net::EventLoop::fresh_now());
  stream_.send(bytes);
}

void Http1Exchange::abort(Slot slot) {
  HG_ASSERT(slot == 0);
  state_ = State::kIdle;
  reopen_ = false;
  stream_.close();
}

void Http1Exchange::on_connected(net::Stream& /*stream*/) {
  if (state_ == State::kOpening) state_ = State::kIdle;
  handler_.on_open(loop_.now(), {.connect = loop_.now() - connect_began_});
  if (state_ == State::kSending) write();
}

void Http1Exchange::on_input(net::Stream& stream) {
  if (state_ == State::kReading) read();
  if (state_ == State::kReading && stream.input_ended()) {
    if (reader_.ended()) return answered();
    fail(reader_.started() ? Failure::kTruncatedResponse : Failure::kConnectionClosed);
  }
  // Bytes that nobody asked for, or the end of an idle connection.
  if (state_ == State::kIdle && (!stream.input().empty() || stream.input_ended())) stream.close();
}

void Http1Exchange::read() {
  const std::string_view input = stream_.input();
  if (first_byte_ == TimePoint{} && !input.empty()) first_byte_ = loop_.now();
  const ResponseReader::Step step = reader_.read(input);
  handler_.on_bytes(step.used);
  const bool stuck = step.used == 0 && stream_.input_full();
  stream_.consume(step.used);
  if (step.event == ResponseReader::Event::kRefused || stuck) return fail(Failure::kBadResponse);
  if (step.event == ResponseReader::Event::kResponse) answered();
}

void Http1Exchange::answered() {
  state_ = State::kIdle;
  // What follows the last byte of a response is not asked for: the two sides disagree.
  if (!reader_.persistent() || !stream_.input().empty() || stream_.input_ended()) stream_.close();
  Answer answer = reader_.answer();
  answer.first_byte = first_byte_;
  handler_.on_answer(0, loop_.now(), answer);
}

void Http1Exchange::fail(Failure failure) {
  state_ = State::kIdle;
  stream_.close();
  handler_.on_failure(0, loop_.now(), failure);
}

void Http1Exchange::on_closed(net::Stream& /*stream*/, net::CloseReason reason) {
  up_ = false;
  if (state_ == State::kIdle) return;
  if (reopen_) {
    reopen_ = false;
    return connect();
  }
  const bool opening = state_ == State::kOpening;
  state_ = State::kIdle;
  const Failure failure = failure_of(reason);
  if (opening) return handler_.on_open_failed(loop_.now(), failure);
  handler_.on_failure(0, loop_.now(), {failure, stream_.error()});
}

}  // namespace headgate::load
