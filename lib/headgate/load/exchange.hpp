// One connection to one target, used for one request at a time: connect when needed, write, read
// the response, say how it ended.
//
// The clock is read right before the write. The end of a response is the time of the loop's turn
// that brought its last bytes: the kernel had them then, and how long this generator takes to work
// through the rest of its batch is not the target's time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "headgate/load/outcome.hpp"
#include "headgate/load/request_text.hpp"
#include "headgate/load/response_reader.hpp"
#include "headgate/net/stream.hpp"

namespace headgate::load {

class Exchange;

/// Who owns an exchange. After `start` exactly one of on_answer and on_failure comes, unless
/// `abort` is called first. Neither comes from within a call to the exchange.
class ExchangeHandler {
 public:
  /// The connection stands, `now`: a request that was started is written next.
  virtual void on_open(TimePoint now) = 0;
  /// The request's first byte goes out at `now`.
  virtual void on_sent(TimePoint now) = 0;
  virtual void on_answer(TimePoint now, const Answer& answer) = 0;
  virtual void on_failure(TimePoint now, Failure failure) = 0;
  virtual void on_bytes(std::size_t received) = 0;

 protected:
  ~ExchangeHandler() = default;
};

class Exchange final : public net::StreamHandler {
 public:
  /// `address` and `handler` outlive this.
  Exchange(net::EventLoop& loop, const net::Address& address, ExchangeHandler& handler);

  /// Connects ahead of the first request. on_open or on_failure follows.
  void open();
  /// Writes the request, at once if the connection stands. Requires: no request is under way.
  void start(const RequestText& request, std::uint64_t sequence);
  /// Forgets the request under way, and the connection with it: its answer may still come.
  void abort();

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
  const net::Address& address_;
  ExchangeHandler& handler_;
  net::Stream stream_;
  ResponseReader reader_;
  std::string scratch_;
  const RequestText* request_ = nullptr;
  std::uint64_t sequence_ = 0;
  State state_ = State::kIdle;  // kSending: waits for the connection; kReading: written
  bool up_ = false;             // the stream was told to connect and has not closed since
  bool reopen_ = false;         // to be connected anew when it has closed
};

}  // namespace headgate::load
