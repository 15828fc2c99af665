// A worker's connection to one Redis: carries the bytes of a session on the worker's own loop, so a
// decision that waits holds up no other.
//
// All that is asked in one turn of the loop goes out in one write at its end, and what Redis
// answers to it comes back in one read: the system calls per decision fall as the load rises.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "headgate/gateway/counters.hpp"
#include "headgate/net/address.hpp"
#include "headgate/net/event_loop.hpp"
#include "headgate/net/stream.hpp"
#include "headgate/redis/session.hpp"

namespace headgate::gateway {

/// Who asked a question.
class SharedAsker {
 public:
  /// The answer. The question is over.
  virtual void on_answer(redis::Ticket ticket, const redis::Answer& answer) = 0;

 protected:
  ~SharedAsker() = default;
};

class RedisLink final : private net::StreamHandler,
                        private net::Source,
                        private redis::AnswerHandler {
 public:
  struct Where {
    net::Address address;
    Duration timeout{};
  };
  /// Connects in the loop's first turn.
  RedisLink(net::EventLoop& loop, const Where& where, std::uint64_t seed, SharedCounters& counters);

  /// `asker` hears the answer in a later turn, or this fails at once.
  [[nodiscard]] std::expected<redis::Ticket, redis::Failure> ask(redis::Call call,
                                                                 SharedAsker& asker);
  void tell(redis::Call call);
  /// The asker does not want to hear any more.
  void forget(redis::Ticket ticket) noexcept;
  /// Sends what there is to send now, not at the end of the turn.
  void flush();

 private:
  void on_connected(net::Stream& stream) override;
  void on_input(net::Stream& stream) override;
  void on_drained(net::Stream& stream) override;
  void on_closed(net::Stream& stream, net::CloseReason reason) override;
  void on_answer(redis::Ticket ticket, const redis::Answer& answer) override;
  void on_timer(TimePoint now) noexcept;
  // The end of a turn.
  void collect(std::uint32_t /*events*/) noexcept override {}
  void end() noexcept override { settle(); }

  void settle();
  void publish() noexcept;

  net::Address address_;
  SharedCounters& counters_;
  redis::Session session_;
  net::Stream stream_;
  net::Timer timer_;
  std::unordered_map<redis::Ticket, SharedAsker*> askers_;
};

}  // namespace headgate::gateway
