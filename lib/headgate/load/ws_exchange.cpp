#include "headgate/load/ws_exchange.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "headgate/core/base64.hpp"
#include "headgate/core/check.hpp"
#include "headgate/http/fields.hpp"

namespace headgate::load {
namespace {

/// Status 1000 of a Close, in network order.
constexpr std::string_view kNormal = "\x03\xe8";

/// No two connections of a process have the same masks; more is not asked of them here.
Random mask_stream(const void* self) {
  return Random::stream(std::bit_cast<std::uintptr_t>(self), "load", 0, "mask");
}

}  // namespace

WsExchange::WsExchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler)
    : loop_{loop},
      target_{target},
      handler_{handler},
      channel_{loop, *this},
      random_{mask_stream(this)} {
  pending_.reserve(target.pipeline);
}

// --- the connection ----------------------------------------------------------------------------

void WsExchange::connect() {
  up_ = true;
  stands_ = in_frame_ = in_message_ = leaving_ = ended_ = false;
  frame_left_ = 0;
  matched_ = 0;
  first_byte_ = {};
  equal_ = true;
  left_ = target_.requests_per_connection == 0 ? std::numeric_limits<std::uint64_t>::max()
                                               : target_.requests_per_connection;
  parser_.reset();
  channel_.connect(*target_.transport);
}

void WsExchange::open() {
  HG_ASSERT(!up_);
  opening_ = true;
  connect();
}

void WsExchange::on_open(net::Channel& channel, const Opening& opening) {
  took_ = opening;
  std::array<std::byte, 16> nonce{};
  for (std::byte& byte : nonce) byte = static_cast<std::byte>(random_.below(256));
  key_ = base64_encode(nonce);
  channel.send(target_.handshake + "Sec-WebSocket-Key: " + key_ + "\r\n\r\n");
}

/// RFC 6455 section 4.1. False: not whole yet, or refused.
bool WsExchange::read_handshake() {
  const http::Progress progress = parser_.parse(channel_.input());
  if (progress == http::Progress::kNeedMore) return false;
  const bool sound =
      progress != http::Progress::kRefused && parser_.head().status == 101 &&
      http::equal_ignoring_case(parser_.head().fields.value("upgrade"), "websocket") &&
      parser_.head().fields.value("sec-websocket-accept") == ws_accept(key_);
  if (!sound) {
    target_.transport->set_fault("the WebSocket handshake was refused");
    give_up(Failure::kBadHandshake);
    return false;
  }
  const std::size_t size = parser_.head().size;
  channel_.consume(size);
  handler_.on_bytes(size);
  stands_ = true;
  opening_ = false;
  handler_.on_open(loop_.now(), took_);
  return true;
}

void WsExchange::give_up(Failure failure) {
  if (std::exchange(ended_, true)) return;
  end_ = failure;
  channel_.close();
}

void WsExchange::on_closed(net::Channel& channel, net::CloseReason reason) {
  const Fault fault = ended_ ? Fault{end_} : Fault{failure_of(reason), channel.error()};
  working_ = true;  // nothing is written by what the handler starts
  if (stands_) {
    fail_sent(fault);
  } else if (std::exchange(opening_, false) && pending_.empty()) {
    handler_.on_open_failed(loop_.now(), fault.failure);
  } else if (fault.failure != Failure::kPipelineBroken) {
    fail_all(fault);  // else given up with one that waited for it; the others go on to the next
  }
  working_ = false;
  up_ = false;
  if (!pending_.empty()) connect();
}

/// The first of those sent with `first`, the others as a broken pipeline.
void WsExchange::fail_sent(const Fault& first) {
  std::vector<Slot> failed;
  for (const Pending& pending : pending_) {
    if (pending.sent) failed.push_back(pending.slot);
  }
  std::erase_if(pending_, [](const Pending& pending) { return pending.sent; });
  Fault fault = first;
  for (const Slot slot : failed) {
    handler_.on_failure(slot, loop_.now(), fault);
    fault = Failure::kPipelineBroken;
  }
}

/// Each waited for a connection that does not stand.
void WsExchange::fail_all(const Fault& fault) {
  const std::vector<Pending> failed = std::exchange(pending_, {});
  for (const Pending& pending : failed) handler_.on_failure(pending.slot, loop_.now(), fault);
}

// --- messages out ------------------------------------------------------------------------------

std::uint32_t WsExchange::mask() noexcept {
  return static_cast<std::uint32_t>(random_.below(std::uint64_t{1} << 32));
}

void WsExchange::start(Slot slot, const RequestText& request, const Fill& fill) {
  HG_ASSERT(slot < capacity() && pending_.size() < capacity());
  pending_.push_back({.slot = slot, .request = &request, .message = {}});
  request.body().append(fill, pending_.back().message);
  if (!up_) return connect();
  if (stands_ && !working_) flush();
}

void WsExchange::flush() {
  if (!channel_.usable()) return;  // closing: on_closed connects anew
  out_.clear();
  for (Pending& pending : pending_) {
    if (left_ == 0) break;
    // Half of what may be kept: a pong must always fit.
    constexpr std::size_t kRoom = net::Channel::kPendingMax / 2;
    constexpr std::size_t kHeadMax = 14;
    const std::size_t size = out_.size() + pending.message.size() + kHeadMax;
    if (pending.sent) continue;
    if (channel_.pending() + size > kRoom && channel_.pending() + out_.size() > 0) break;
    pending.sent = true;
    --left_;
    append_ws_frame(out_, WsOpcode::kText, pending.message, mask());
    handler_.on_sent(pending.slot, net::EventLoop::fresh_now());
  }
  if (!out_.empty()) channel_.send(out_);
}

void WsExchange::send_control(WsOpcode opcode, std::string_view payload) {
  std::string frame;
  append_ws_frame(frame, opcode, payload, mask());
  if (channel_.pending() + frame.size() <= net::Channel::kPendingMax) channel_.send(frame);
}

void WsExchange::abort(Slot slot) {
  const auto found = std::ranges::find(pending_, slot, &Pending::slot);
  HG_ASSERT(found != pending_.end());
  const bool sent = found->sent;
  pending_.erase(found);
  // A connection in the making is given up too, or one that does not end: it may be what took so
  // long.
  if (sent || !stands_ || leaving_) give_up(Failure::kPipelineBroken);
}

// --- messages in -------------------------------------------------------------------------------

void WsExchange::on_input(net::Channel& channel) {
  working_ = true;
  if (stands_ || read_handshake()) {
    while (channel.usable() && read_frame()) {
    }
  }
  working_ = false;
  if (!channel.usable()) return;
  if (channel.input_ended()) {
    if (!stands_) target_.transport->set_fault("the server ended the WebSocket handshake");
    const bool within = in_message_ || (in_frame_ && frame_.opcode < WsOpcode::kClose);
    return give_up(within ? Failure::kTruncatedResponse : Failure::kConnectionClosed);
  }
  if (!stands_) return;
  flush();
  close_if_spent();
}

/// After its last echo.
void WsExchange::close_if_spent() {
  if (left_ > 0 || leaving_ || (!pending_.empty() && pending_.front().sent)) return;
  leaving_ = true;
  send_control(WsOpcode::kClose, kNormal);
}

/// One frame, or as much of its payload as is there; false if it needs more bytes.
bool WsExchange::read_frame() {
  const std::string_view input = channel_.input();
  if (!in_frame_) {
    const auto head = read_ws_head(input);
    if (!head) return false;
    if (!head->sound) {
      give_up(Failure::kBadResponse);
      return false;
    }
    if (first_byte_ == TimePoint{}) first_byte_ = loop_.now();
    frame_ = *head;
    frame_left_ = head->length;
    in_frame_ = true;
    control_.clear();
    channel_.consume(head->size);
    handler_.on_bytes(head->size);
  }
  const std::string_view rest = channel_.input();
  const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(rest.size(), frame_left_));
  if (!take_payload(rest.substr(0, size))) return false;
  channel_.consume(size);
  handler_.on_bytes(size);
  frame_left_ -= size;
  if (frame_left_ > 0) return false;
  in_frame_ = false;
  if (frame_.opcode >= WsOpcode::kClose) {
    control_over();
  } else if (frame_.last) {
    message_over();
  } else {
    in_message_ = true;
  }
  return true;
}

/// False: nobody waits for a message, and the connection is given up.
bool WsExchange::take_payload(std::string_view payload) {
  if (frame_.opcode >= WsOpcode::kClose) {
    control_ += payload;
    return true;
  }
  // Nothing was asked for, or the frame is not the next of its message (section 5.4).
  const bool continues = frame_.opcode == WsOpcode::kContinuation;
  if (pending_.empty() || !pending_.front().sent || continues != in_message_) {
    give_up(Failure::kBadResponse);
    return false;
  }
  const Pending& pending = pending_.front();
  const std::string_view expected = std::string_view{pending.message}.substr(
      std::min(matched_, pending.message.size()), payload.size());
  equal_ = equal_ && expected == payload;
  matched_ += payload.size();
  if (pending.request->keeps_answer()) handler_.on_body(pending.slot, payload);
  return true;
}

void WsExchange::message_over() {
  const bool same = equal_ && matched_ == pending_.front().message.size();
  const Slot slot = pending_.front().slot;
  const Answer answer{.status = 200, .first_byte = std::exchange(first_byte_, TimePoint{})};
  pending_.erase(pending_.begin());
  matched_ = 0;
  equal_ = true;
  in_message_ = false;
  if (same) return handler_.on_answer(slot, loop_.now(), answer);
  handler_.on_failure(slot, loop_.now(), Failure::kBadEcho);
}

/// RFC 6455 section 5.5.
void WsExchange::control_over() {
  if (matched_ == 0 && !in_message_) first_byte_ = {};
  if (frame_.opcode == WsOpcode::kPing) send_control(WsOpcode::kPong, control_);
  if (frame_.opcode != WsOpcode::kClose) return;
  if (!leaving_) send_control(WsOpcode::kClose, std::string_view{control_}.substr(0, 2));
  give_up(Failure::kConnectionClosed);
}

}  // namespace headgate::load
