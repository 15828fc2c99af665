#include "headgate/load/exchange.hpp"

#include "headgate/core/check.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {

Exchange::Exchange(net::EventLoop& loop, const net::Address& address, ExchangeHandler& handler)
    : loop_{loop}, address_{address}, handler_{handler}, stream_{loop, *this} {}

void Exchange::connect() {
  up_ = true;
  stream_.connect(address_);
}

void Exchange::open() {
  HG_ASSERT(state_ == State::kIdle && !up_);
  state_ = State::kOpening;
  connect();
}

void Exchange::start(const RequestText& request, std::uint64_t sequence) {
  HG_ASSERT(state_ == State::kIdle || state_ == State::kOpening);
  request_ = &request;
  sequence_ = sequence;
  state_ = State::kSending;
  if (!up_) return connect();
  reopen_ = !stream_.usable();  // it is closing for the request before
  if (!reopen_ && !stream_.connecting()) write();
}

void Exchange::write() {
  const std::string_view bytes = request_->render(sequence_, scratch_);
  reader_.begin(request_->is_head());
  state_ = State::kReading;
  handler_.on_sent(net::EventLoop::fresh_now());
  stream_.send(bytes);
}

void Exchange::abort() {
  state_ = State::kIdle;
  reopen_ = false;
  stream_.close();
}

void Exchange::on_connected(net::Stream& /*stream*/) {
  if (state_ == State::kOpening) state_ = State::kIdle;
  handler_.on_open(loop_.now());
  if (state_ == State::kSending) write();
}

void Exchange::on_input(net::Stream& stream) {
  if (state_ == State::kReading) read();
  if (state_ == State::kReading && stream.input_ended()) {
    if (reader_.ended()) return answered();
    fail(reader_.started() ? Failure::kTruncatedResponse : Failure::kConnectionClosed);
  }
  // Bytes that nobody asked for, or the end of an idle connection.
  if (state_ == State::kIdle && (!stream.input().empty() || stream.input_ended())) stream.close();
}

void Exchange::read() {
  const std::string_view input = stream_.input();
  const ResponseReader::Step step = reader_.read(input);
  handler_.on_bytes(step.used);
  const bool stuck = step.used == 0 && stream_.input_full();
  stream_.consume(step.used);
  if (step.event == ResponseReader::Event::kRefused || stuck) return fail(Failure::kBadResponse);
  if (step.event == ResponseReader::Event::kResponse) answered();
}

void Exchange::answered() {
  state_ = State::kIdle;
  // What follows the last byte of a response is not asked for: the two sides disagree.
  if (!reader_.persistent() || !stream_.input().empty() || stream_.input_ended()) stream_.close();
  handler_.on_answer(loop_.now(), reader_.answer());
}

void Exchange::fail(Failure failure) {
  state_ = State::kIdle;
  stream_.close();
  handler_.on_failure(loop_.now(), failure);
}

void Exchange::on_closed(net::Stream& /*stream*/, net::CloseReason reason) {
  up_ = false;
  if (state_ == State::kIdle) return;
  if (reopen_) {
    reopen_ = false;
    return connect();
  }
  state_ = State::kIdle;
  if (reason == net::CloseReason::kConnectRefused) {
    handler_.on_failure(loop_.now(), Failure::kConnectionRefused);
  } else if (reason == net::CloseReason::kConnectFailed) {
    handler_.on_failure(loop_.now(), Failure::kConnectFailed);
  } else {
    handler_.on_failure(loop_.now(), Failure::kConnectionReset);
  }
}

}  // namespace headgate::load
