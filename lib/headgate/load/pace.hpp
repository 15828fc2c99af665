// The rule by which the clients of a thread get requests: when they fall due, and who takes them.
#pragma once

#include "headgate/core/time.hpp"
#include "headgate/load/client.hpp"

namespace headgate::load {

/// begin free* stop give_up. One thread.
class Pace {
 public:
  virtual ~Pace() = default;

  /// All clients are free and the schedule counts from `start`; it ends at `end`, which may be
  /// TimePoint::max().
  virtual void begin(TimePoint start, TimePoint end) = 0;
  /// `client` is free since `now`.
  virtual void free(Client& client, TimePoint now) = 0;
  /// Nothing falls due any more, be it that all has.
  virtual void stop() = 0;
  /// What fell due and still waits for a client is not sent.
  virtual void give_up(TimePoint now) = 0;
  /// Nothing will fall due any more.
  [[nodiscard]] virtual bool finished() const noexcept = 0;
  /// Requests that fell due before the end and were seen to only after it: the thread was late.
  [[nodiscard]] virtual std::uint64_t overdue() const noexcept { return 0; }
};

}  // namespace headgate::load
