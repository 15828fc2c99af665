// HTTP/2 on one connection: as many requests at once as the target has streams. By libnghttp2, over
// TLS that agreed on `h2`, or spoken from the first byte (prior knowledge, RFC 9113 section 3.3).
//
// What a server that goes away (GOAWAY) has not begun, and what never left this side, is sent again
// on the next connection, as RFC 9113 section 6.8 has it; everything else that ends early is a
// failure. Three connections in a row that answer nothing end that patience: who only ever goes
// away would be asked for ever.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "headgate/load/exchange.hpp"
#include "headgate/net/channel.hpp"

extern "C" {
struct nghttp2_session;
}

namespace headgate::load {

class Http2Exchange final : public Exchange, public net::ChannelHandler {
 public:
  /// `target` and `handler` outlive this.
  Http2Exchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler);
  ~Http2Exchange() override;

  [[nodiscard]] std::size_t capacity() const noexcept override { return requests_.size(); }
  void open() override;
  void start(Slot slot, const RequestText& request, const Fill& fill) override;
  /// Resets the stream; the others go on. A connection in the making is given up, as it may be what
  /// took so long: they go on to the next.
  void abort(Slot slot) override;

 private:
  enum class State : std::uint8_t {
    kFree,
    kWaiting,  // for a connection that takes it
    kUnderWay,
  };
  struct Request {
    const RequestText* text = nullptr;
    Fill fill = {};
    Answer answer = {};
    std::string body = {};
    std::size_t body_sent = 0;
    std::int32_t stream = 0;
    State state = State::kFree;
    bool told = false;     // that it was sent: not again when it is sent once more
    bool written = false;  // on this connection
    bool headed = false;   // the answer's head is over: fields after it are trailers
    bool whole = false;    // the answer's last byte is here
    bool reset = false;    // by the server
  };
  struct Callbacks;

  void connect();
  void begin_session();
  void submit(Request& request);
  void submit_waiting();
  void flush();
  void stream_closed(std::int32_t stream, std::uint32_t error);
  void settle(Request& request, const Fault& fault);
  void settle_all(const Fault& fault);
  bool pass_on(Request& request);
  [[nodiscard]] Fault end_of(const Request& request, const Fault& fault) const noexcept;
  [[nodiscard]] Request* request_of(std::int32_t stream) noexcept;
  [[nodiscard]] Slot slot_of(const Request& request) const noexcept;
  [[nodiscard]] bool takes_requests() const noexcept;
  void close_if_drained();
  void on_open(net::Channel& channel, const Opening& opening) override;
  void on_input(net::Channel& channel) override;
  void on_drained(net::Channel& channel) override;
  void on_closed(net::Channel& channel, net::CloseReason reason) override;

  net::EventLoop& loop_;
  const Target& target_;
  ExchangeHandler& handler_;
  net::Channel channel_;
  nghttp2_session* session_ = nullptr;  // owned; null while there is no connection
  std::vector<Request> requests_;       // by slot
  std::string out_;
  std::uint64_t left_ = 0;     // requests that this connection may still be given
  std::uint32_t barren_ = 0;   // connections in a row that answered nothing
  bool up_ = false;            // the channel was told to connect and has not closed since
  bool opening_ = false;       // by `open`, which has not been answered
  bool goaway_ = false;        // the server takes no more on this connection
  bool goaway_error_ = false;  // and says that something is wrong
  bool answered_ = false;      // something on this connection
  bool working_ = false;       // through input or output: what is started now is written afterwards
  bool refused_ = false;       // the server speaks something else
  bool given_up_ = false;      // the connection in the making
};

}  // namespace headgate::load
