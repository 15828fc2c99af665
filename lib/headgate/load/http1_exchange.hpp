// HTTP/1.1 on one connection: one request at a time, or several sent ahead of their answers
// (pipelining, RFC 9112 section 9.3.2), which come back in order.
//
// Requests that are started while answers are worked through leave together, in one write. When the
// target says that it closes after an answer, what was sent behind that is not its to answer and is
// sent again on the next connection. When a connection breaks, the request whose turn it was fails
// with the reason, and those behind it as a broken pipeline.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "headgate/load/exchange.hpp"
#include "headgate/load/response_reader.hpp"
#include "headgate/net/channel.hpp"

namespace headgate::load {

class Http1Exchange final : public Exchange,
                            public net::ChannelHandler,
                            public ResponseReader::Listener {
 public:
  /// `target` and `handler` outlive this.
  Http1Exchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler);

  [[nodiscard]] std::size_t capacity() const noexcept override { return target_.pipeline; }
  void open() override;
  void start(Slot slot, const RequestText& request, const Fill& fill) override;
  /// Drops the connection with the request: its answer may still come.
  void abort(Slot slot) override;

 private:
  struct Pending {
    const RequestText* request = nullptr;
    Fill fill;
    bool told = false;  // that it was sent: not again when it is written once more
  };

  [[nodiscard]] const Pending& next() const noexcept { return slots_[pending_.front()]; }
  Slot take_next();
  void connect();
  void flush();
  std::string_view render(const Pending& pending, bool last);
  void begin_answer();
  void read_answers();
  bool read();
  void answered();
  void fail(Failure failure);
  void fail_written(const Fault& first);
  void on_open(net::Channel& channel, const Opening& opening) override;
  void on_input(net::Channel& channel) override;
  void on_drained(net::Channel& channel) override;
  void on_field(std::string_view name, std::string_view value) override;
  void on_body(std::string_view piece) override;
  void on_closed(net::Channel& channel, net::CloseReason reason) override;

  net::EventLoop& loop_;
  const Target& target_;
  ExchangeHandler& handler_;
  net::Channel channel_;
  ResponseReader reader_;
  std::string scratch_;         // of a request with places
  std::string batch_;           // of several requests that leave together
  std::vector<Pending> slots_;  // what is under way in each
  std::vector<Slot> pending_;   // those of them that are, in the order of their answers
  std::size_t written_ = 0;     // of pending_, from the front: on this connection
  std::uint64_t left_ = 0;      // requests that this connection may still be given
  TimePoint first_byte_{};      // of the response under way; zero: none yet
  bool up_ = false;             // the channel was told to connect and has not closed since
  bool stands_ = false;         // and the connection stands
  bool opening_ = false;        // by `open`, which has not been answered
  bool working_ = false;        // through answers: what is started now is written afterwards
  bool broken_ = false;         // what was written will not be answered
};

}  // namespace headgate::load
