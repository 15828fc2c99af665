// HTTP/1.1 on one connection, one request at a time.
#pragma once

#include <cstdint>
#include <string>

#include "headgate/load/exchange.hpp"
#include "headgate/load/response_reader.hpp"
#include "headgate/net/stream.hpp"

namespace headgate::load {

class Http1Exchange final : public Exchange, public net::StreamHandler {
 public:
  /// `target` and `handler` outlive this.
  Http1Exchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler);

  [[nodiscard]] std::size_t capacity() const noexcept override { return 1; }
  void open() override;
  void start(Slot slot, const RequestText& request, const Fill& fill) override;
  /// Drops the connection with the request: its answer may still come.
  void abort(Slot slot) override;

 private:
  enum class State : std::uint8_t { kIdle, kOpening, kSending, kReading };

  void connect();
  void write();
  void read();
  void answered();
  void fail(Failure failure);
  void on_connected(net::Stream& stream) override;
  void on_input(net::Stream& stream) override;
  void on_closed(net::Stream& stream, net::CloseReason reason) override;

  net::EventLoop& loop_;
  const Target& target_;
  ExchangeHandler& handler_;
  net::Stream stream_;
  ResponseReader reader_;
  std::string scratch_;
  const RequestText* request_ = nullptr;
  Fill fill_;
  TimePoint connect_began_{};
  TimePoint first_byte_{};      // of the response under way; zero: none yet
  State state_ = State::kIdle;  // kSending: waits for the connection; kReading: written
  bool up_ = false;             // the stream was told to connect and has not closed since
  bool reopen_ = false;         // to be connected anew when it has closed
};

}  // namespace headgate::load
