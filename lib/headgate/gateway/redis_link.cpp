#include "headgate/gateway/redis_link.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace headgate::gateway {

RedisLink::RedisLink(net::EventLoop& loop, const Where& where, std::uint64_t seed,
                     SharedCounters& counters)
    : net::Source(loop),
      address_(where.address),
      counters_(counters),
      session_(where.timeout, seed, *this),
      stream_(loop, *this),
      timer_(loop.timers(), net::callback<&RedisLink::on_timer>(this)) {
  loop.end_later(*this);
}

std::expected<redis::Ticket, redis::Failure> RedisLink::ask(redis::Call call, SharedAsker& asker) {
  const auto ticket = session_.ask(std::move(call), loop_.now());
  if (ticket) askers_.emplace(*ticket, &asker);
  loop_.end_later(*this);
  return ticket;
}

void RedisLink::tell(redis::Call call) {
  session_.tell(std::move(call), loop_.now());
  loop_.end_later(*this);
}

void RedisLink::forget(redis::Ticket ticket) noexcept {
  session_.forget(ticket);
  askers_.erase(ticket);
}

void RedisLink::on_connected(net::Stream& /*stream*/) {
  session_.on_connected(loop_.now());
  loop_.end_later(*this);
}

void RedisLink::on_input(net::Stream& stream) {
  const std::string_view input = stream.input();
  if (!input.empty()) {
    session_.on_input(input, loop_.now());
    stream.consume(input.size());
  }
  if (stream.input_ended()) stream.close();
  loop_.end_later(*this);
}

void RedisLink::on_drained(net::Stream& /*stream*/) { loop_.end_later(*this); }

void RedisLink::on_closed(net::Stream& /*stream*/, net::CloseReason /*reason*/) {
  session_.on_closed(loop_.now());
  loop_.end_later(*this);
}

void RedisLink::on_timer(TimePoint now) noexcept {
  session_.on_timeout(now);
  loop_.end_later(*this);
}

void RedisLink::on_answer(redis::Ticket ticket, const redis::Answer& answer) {
  const auto asker = askers_.extract(ticket);
  if (!asker.empty()) asker.mapped()->on_answer(ticket, answer);
}

void RedisLink::flush() {
  std::string& output = session_.output();
  if (output.empty() || !stream_.usable() || stream_.connecting()) return;
  const std::size_t size = std::min(output.size(), net::Stream::kPendingMax - stream_.pending());
  stream_.send(std::string_view{output}.substr(0, size));
  output.erase(0, size);
}

void RedisLink::settle() {
  const TimePoint now = loop_.now();
  switch (session_.want(now)) {
    case redis::Session::Want::kConnect:
      session_.on_connecting(now);
      stream_.connect(address_);
      break;
    case redis::Session::Want::kClose:
      stream_.close();
      timer_.cancel();  // on_closed comes next
      return publish();
    case redis::Session::Want::kNothing:
      break;
  }
  flush();
  const TimePoint next = session_.next_timeout();
  if (next == TimePoint::max()) {
    timer_.cancel();
  } else if (!timer_.armed() || timer_.at() != next) {
    timer_.arm(next);
  }
  publish();
}

void RedisLink::publish() noexcept {
  const redis::Session::Counters& counters = session_.counters();
  counters_.questions.set(counters.asked);
  counters_.connects.set(counters.connections);
  counters_.connected.set(session_.ready() ? 1 : 0);
}

}  // namespace headgate::gateway
