// WebSocket (RFC 6455) on one connection: each request is one message, its answer the same message
// back. Several may be under way; an echo comes back in order.
//
// The body of the request is the message, sent as text; its method, path and headers are not used:
// the handshake is the target's (see Target::handshake). A message that comes back whole and equal
// counts as status 200, and is the body of that answer; it has no fields.
//
// A connection that has had as many messages as it was to have ends with the closing handshake
// (section 7.1.2): our Close behind the last echo, the server's in answer; what is started
// meanwhile waits for the next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/load/exchange.hpp"
#include "headgate/load/ws_frame.hpp"
#include "headgate/net/channel.hpp"

namespace headgate::load {

class WsExchange final : public Exchange, public net::ChannelHandler {
 public:
  /// `target` and `handler` outlive this.
  WsExchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler);

  [[nodiscard]] std::size_t capacity() const noexcept override { return target_.pipeline; }
  void open() override;
  void start(Slot slot, const RequestText& request, const Fill& fill) override;
  /// Drops the connection with the message: its echo may still come, and looks like any other.
  void abort(Slot slot) override;

 private:
  struct Pending {
    Slot slot = 0;
    const RequestText* request = nullptr;
    std::string message;
    bool sent = false;
  };

  void connect();
  void flush();
  void send_control(WsOpcode opcode, std::string_view payload);
  bool read_handshake();
  bool read_frame();
  bool take_payload(std::string_view payload);
  void message_over();
  void close_if_spent();
  void control_over();
  void give_up(Failure failure);
  void fail_sent(const Fault& first);
  void fail_all(const Fault& fault);
  [[nodiscard]] std::uint32_t mask() noexcept;
  void on_open(net::Channel& channel, const Opening& opening) override;
  void on_input(net::Channel& channel) override;
  void on_closed(net::Channel& channel, net::CloseReason reason) override;

  net::EventLoop& loop_;
  const Target& target_;
  ExchangeHandler& handler_;
  net::Channel channel_;
  Random random_;
  http::ResponseParser parser_;
  Opening took_;
  std::string key_;  // of the handshake under way
  std::string out_;
  std::vector<Pending> pending_;  // in the order of their echoes
  WsHead frame_;                  // under way, while frame_left_ or in_frame_
  std::uint64_t frame_left_ = 0;  // bytes of its payload to come
  std::string control_;           // payload of a control frame so far
  std::size_t matched_ = 0;       // bytes of the message under way
  std::uint64_t left_ = 0;        // messages that this connection may still be given
  TimePoint first_byte_{};
  Failure end_ = Failure::kConnectionClosed;  // if we end it
  bool equal_ = true;                         // they are those that were sent
  bool in_frame_ = false;
  bool in_message_ = false;  // a frame of it has begun
  bool up_ = false;          // the channel was told to connect and has not closed since
  bool stands_ = false;      // the handshake is over
  bool opening_ = false;     // by `open`, which has not been answered
  bool working_ = false;     // through input: what is started now is written afterwards
  bool leaving_ = false;     // our Close is sent: nothing follows it
  bool ended_ = false;       // by us, for the reason of end_
};

}  // namespace headgate::load
