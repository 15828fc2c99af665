#include "headgate/load/http1_exchange.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {
Http1Exchange::Http1Exchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler)
    : loop_{loop},
      target_{target},
      handler_{handler},
      channel_{loop, *this},
      slots_(target.pipeline) {
  pending_.reserve(target.pipeline);
}

void Http1Exchange::connect() {
  up_ = true;
  stands_ = broken_ = false;
  written_ = 0;
  left_ = target_.requests_per_connection == 0 ? std::numeric_limits<std::uint64_t>::max()
                                               : target_.requests_per_connection;
  channel_.connect(*target_.transport);
}

void Http1Exchange::open() {
  HG_ASSERT(pending_.empty() && !up_);
  opening_ = true;
  connect();
}

void Http1Exchange::start(Slot slot, const RequestText& request, const Fill& fill) {
  HG_ASSERT(slot < capacity() && pending_.size() < capacity());
  slots_[slot] = {.request = &request, .fill = fill};
  pending_.push_back(slot);
  if (!up_) return connect();
  if (stands_ && !working_) flush();
}

std::string_view Http1Exchange::render(const Pending& pending, bool last) {
  const std::string_view whole = pending.request->render(pending.fill, scratch_);
  if (!last) return whole;
  // Says so right behind the request line, so that the target ends the connection too.
  const std::size_t line = whole.find('\n') + 1;
  std::string marked{whole.substr(0, line)};
  marked.append("Connection: close\r\n").append(whole.substr(line));
  scratch_ = std::move(marked);
  return scratch_;
}

/// Writes what has not been, as far as it may go out on this connection.
void Http1Exchange::flush() {
  if (!channel_.usable()) return;  // closing: on_closed connects anew
  const std::size_t first = written_;
  std::string_view bytes;
  batch_.clear();
  while (written_ < pending_.size() && left_ > 0) {
    const std::string_view text = render(slots_[pending_[written_]], left_ == 1);
    const std::size_t size = text.size() + (batch_.empty() ? bytes.size() : batch_.size());
    if (channel_.pending() + size > net::Channel::kPendingMax) break;  // on_drained goes on
    if (written_ == first) {
      bytes = text;
      // The only one is sent from where it stands.
      if (pending_.size() - first > 1) batch_ = text;
    } else {
      batch_ += text;
    }
    ++written_;
    --left_;
  }
  if (written_ == first) return;
  if (first == 0) begin_answer();
  const TimePoint now = net::EventLoop::fresh_now();
  for (std::size_t i = first; i < written_; ++i) {
    if (!std::exchange(slots_[pending_[i]].told, true)) handler_.on_sent(pending_[i], now);
  }
  channel_.send(batch_.empty() ? bytes : batch_);
}

void Http1Exchange::begin_answer() {
  const RequestText& request = *next().request;
  reader_.begin(request.is_head(), request.keeps_answer() ? this : nullptr);
  first_byte_ = {};
}

void Http1Exchange::abort(Slot slot) {
  const auto found = std::ranges::find(pending_, slot);
  HG_ASSERT(found != pending_.end());
  const bool was_written = std::cmp_less(found - pending_.begin(), written_);
  pending_.erase(found);
  if (was_written) --written_;
  // A connection in the making is given up too: it may be what took so long.
  if (!was_written && stands_) return;
  broken_ = true;
  channel_.close();
}

void Http1Exchange::on_open(net::Channel& /*channel*/, const Opening& opening) {
  stands_ = true;
  opening_ = false;
  handler_.on_open(loop_.now(), opening);
  flush();
}

void Http1Exchange::read_answers() {
  while (written_ > 0 && channel_.usable() && !channel_.input().empty() && read()) {
  }
}

void Http1Exchange::on_input(net::Channel& channel) {
  working_ = true;
  read_answers();
  // The rest of a burst that did not fit the buffer: left for later, it would part those who go in
  // step.
  if (written_ > 0 && capacity() > 1 && channel.usable() && channel.read_on()) read_answers();
  working_ = false;
  if (!channel.usable()) return;
  if (written_ > 0 && channel.input_ended()) {
    if (reader_.ended()) return answered();
    return fail(reader_.started() ? Failure::kTruncatedResponse : Failure::kConnectionClosed);
  }
  flush();
  // Bytes that nobody asked for, or the end of an idle connection.
  if (written_ == 0 && (!channel.input().empty() || channel.input_ended())) channel.close();
}

/// Reads on in one response; false if it needs more than there is.
bool Http1Exchange::read() {
  if (first_byte_ == TimePoint{}) first_byte_ = loop_.now();
  const ResponseReader::Step step = reader_.read(channel_.input());
  handler_.on_bytes(step.used);
  const bool stuck = step.used == 0 && channel_.input_full();
  channel_.consume(step.used);
  if (step.event == ResponseReader::Event::kRefused || stuck) {
    fail(Failure::kBadResponse);
    return false;
  }
  if (step.event == ResponseReader::Event::kNeedMore) return false;
  answered();
  return true;
}

/// Of those written: whose turn it was.
Slot Http1Exchange::take_next() {
  const Slot slot = pending_.front();
  pending_.erase(pending_.begin());
  --written_;
  return slot;
}

void Http1Exchange::answered() {
  const Slot done = take_next();
  Answer answer = reader_.answer();
  answer.first_byte = first_byte_;
  if (!reader_.persistent() || (written_ == 0 && left_ == 0)) {
    written_ = 0;  // what was sent behind it is sent again
    channel_.close();
  } else if (written_ > 0) {
    begin_answer();
  } else if (!channel_.input().empty()) {
    // What follows the last byte of a response is not asked for: the two sides disagree.
    channel_.close();
  }
  handler_.on_answer(done, loop_.now(), answer);
}

void Http1Exchange::on_field(std::string_view name, std::string_view value) {
  handler_.on_field(pending_.front(), name, value);
}

void Http1Exchange::on_body(std::string_view piece) { handler_.on_body(pending_.front(), piece); }

void Http1Exchange::fail(Failure failure) {
  const Slot failed = take_next();
  broken_ = true;
  channel_.close();
  handler_.on_failure(failed, loop_.now(), failure);
}

/// The first of those written with `first`, the others as a broken pipeline.
void Http1Exchange::fail_written(const Fault& first) {
  const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(written_);
  const std::vector<Slot> failed(pending_.begin(), end);
  pending_.erase(pending_.begin(), end);
  written_ = 0;
  Fault fault = broken_ ? Fault{Failure::kPipelineBroken} : first;
  for (const Slot slot : failed) {
    handler_.on_failure(slot, loop_.now(), fault);
    fault = Failure::kPipelineBroken;
  }
}

void Http1Exchange::on_drained(net::Channel& /*channel*/) { flush(); }

void Http1Exchange::on_closed(net::Channel& /*channel*/, net::CloseReason reason) {
  const Fault fault{failure_of(reason), channel_.error()};
  working_ = true;  // nothing is written by what the handler starts
  if (!stands_ && !broken_) {
    if (std::exchange(opening_, false) && pending_.empty()) {
      handler_.on_open_failed(loop_.now(), fault.failure);
    }
    written_ = pending_.size();
    while (written_ > 0) {  // each of them waited for this connection
      const Slot slot = take_next();
      handler_.on_failure(slot, loop_.now(), fault);
    }
  } else if (written_ > 0) {
    fail_written(fault);
  }
  working_ = false;
  up_ = false;
  if (!pending_.empty()) connect();
}

}  // namespace headgate::load
