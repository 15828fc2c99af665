// One line to one target, whatever it speaks: connect when needed, send requests, say how each
// ended. What a line can carry at once is its capacity; each request is known by its slot, which is
// the caller's to choose and comes back with everything that is said of that request.
//
// The clock is read right before a request is written. The end of a response is the time of the
// loop's turn that brought its last bytes: the kernel had them then, and how long this generator
// takes to work through the rest of its batch is not the target's time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "headgate/core/time.hpp"
#include "headgate/load/outcome.hpp"
#include "headgate/load/request_text.hpp"
#include "headgate/load/target.hpp"
#include "headgate/net/channel.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {

/// A place on a line for one request at a time: 0 to capacity - 1.
using Slot = std::uint32_t;

using net::Opening;

/// Who owns an exchange. After `start` exactly one of on_answer and on_failure comes for the slot,
/// unless `abort` is called first; the slot is free before that call, which may start the next
/// request. Neither comes from within a call to the exchange.
class ExchangeHandler {
 public:
  /// The line stands, `now`: what was started is written next. Again after each reconnect.
  virtual void on_open(TimePoint now, const Opening& opening) = 0;
  /// A line that `open` was to make does not stand. No request waits for it.
  virtual void on_open_failed(TimePoint now, Failure failure) = 0;
  /// The request's first byte goes out at `now`.
  virtual void on_sent(Slot slot, TimePoint now) = 0;
  virtual void on_answer(Slot slot, TimePoint now, const Answer& answer) = 0;
  virtual void on_failure(Slot slot, TimePoint now, const Fault& fault) = 0;
  virtual void on_bytes(std::size_t received) = 0;
  /// Of the answer to a request that keeps it (see RequestText): each field, then the body, piece
  /// by piece; before on_answer.
  virtual void on_field(Slot slot, std::string_view name, std::string_view value) = 0;
  virtual void on_body(Slot slot, std::string_view piece) = 0;

 protected:
  ~ExchangeHandler() = default;
};

class Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  virtual ~Exchange() = default;

  /// Requests that may be under way at once; constant, 1 or more.
  [[nodiscard]] virtual std::size_t capacity() const noexcept = 0;
  /// Connects ahead of the first request. on_open or on_open_failed follows, or on_failure of
  /// every request that was started meanwhile. Requires: nothing was started yet.
  virtual void open() = 0;
  /// Writes the request, at once if the line stands; otherwise connects first. `request`, and
  /// what `fill` points to, outlive its end. Requires: slot < capacity(), and no request is under
  /// way in it.
  virtual void start(Slot slot, const RequestText& request, const Fill& fill) = 0;
  /// Forgets the request under way in the slot, and that its answer may still come. Others on the
  /// line go on if the protocol can tell them apart; otherwise they are told of their failure.
  virtual void abort(Slot slot) = 0;
};

/// An exchange that speaks the target's protocol. `target` and `handler` outlive it.
[[nodiscard]] std::unique_ptr<Exchange> make_exchange(net::EventLoop& loop, const Target& target,
                                                      ExchangeHandler& handler);

/// What the end of a channel is to a request that was under way on it.
[[nodiscard]] Failure failure_of(net::CloseReason reason) noexcept;

}  // namespace headgate::load
