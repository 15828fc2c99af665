// A queue: per-message state over a topic, so that several consumers share its messages and every
// delivery is settled or comes back.
//
// The messages stay in their topic, in order; the queue keeps only who holds which, and writes
// every change that must survive a restart to an internal topic of the same log, `__queue.NAME`. A
// message is leased to one consumer until a time; then it is
//   acked     done for good,
//   nacked    returned, at once or after a delay,
//   rejected  never again: to the dead letter topic, with the reason,
//   extended  held longer,
// or its lease runs out and it is returned. A message returned for the max_deliveries-th time goes
// to the dead letter topic instead. The dead letter and the settlement are one atomic batch: there
// is no moment at which a crash loses the message or leaves it in both places.
//
// Deliveries are counted in the log when they are made, so a message that kills its consumers'
// process still reaches its limit. Delivery is at least once; a consumer that was slower than its
// lease holds a stale receipt and is told so.
//
// The queue is a state machine without clock or thread: the time is an argument of every call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::queue {

/// Proof of one delivery. Only the latest delivery's receipt settles a message.
struct Receipt {
  std::uint64_t offset = 0;
  std::uint32_t delivery = 0;  ///< 1 for the first
  std::uint64_t epoch = 0;     ///< of the Queue object that handed it out: one more at every open()

  friend bool operator==(const Receipt&, const Receipt&) = default;
};

struct Delivery {
  Receipt receipt;
  messaging::Record record;
};

/// Called once, when the settlement is as durable as the log makes it, or has failed: then the
/// message is returned when its lease ends. On the log's thread; must not block, throw or call the
/// queue.
using Settled = std::move_only_function<void(Result<void>)>;

/// One thread at a time, and one Queue object for a queue at a time. The log outlives the queue;
/// answers may come after the queue's end. A `now` before the latest one seen counts as the latest.
class Queue {
 public:
  struct Options {
    std::string name;  ///< a topic name of at most 240 characters; the messages' topic
    Duration lease = std::chrono::seconds{30};  ///< > 0
    std::uint32_t max_deliveries = 5;           ///< >= 1
    std::string dead_letter;  ///< the topic of messages given up; empty: discarded, and counted
    std::size_t max_leased = 100'000;  ///< messages leased, delayed or being settled at one time
  };

  struct Stats {
    std::uint64_t ready = 0;     ///< could be leased now
    std::uint64_t leased = 0;    ///< held by a consumer
    std::uint64_t delayed = 0;   ///< waiting for a nack's delay
    std::uint64_t settling = 0;  ///< answered, not yet durable
    std::uint64_t acked = 0;     ///< since the queue was made, over all restarts
    std::uint64_t dead = 0;      ///< likewise
  };

  /// Makes the topics that are not there and rebuilds the state from the log: what was settled
  /// stays settled, everything else is ready, with its count of deliveries. Fails with
  /// kInvalidConfig, naming the option, or with the log's error, or kCorrupt. Cost: one pass over
  /// `__queue.NAME`.
  [[nodiscard]] static Result<Queue> open(messaging::Log& log, Options options);

  /// Up to `max` messages, oldest first, leased until now + lease. Returned ones come before new
  /// ones. Fails with the log's error; nothing is leased then.
  [[nodiscard]] Result<std::vector<Delivery>> lease(TimePoint now, std::size_t max);

  // Each fails, through `done` or its result, with kNotFound if `receipt` is not of the current
  // lease: it ran out, was settled, was handed to another, or is of an earlier open().
  void ack(TimePoint now, const Receipt& receipt, Settled done);
  void reject(TimePoint now, const Receipt& receipt, std::string_view reason, Settled done);
  /// Ready again at now + delay; the last delivery's nack is a reject.
  void nack(TimePoint now, const Receipt& receipt, Duration delay, Settled done);
  /// The lease ends at now + lease.
  [[nodiscard]] Result<void> extend(TimePoint now, const Receipt& receipt, Duration lease);

  /// When on_timeout() has something to do; none if nothing is leased or delayed.
  [[nodiscard]] std::optional<TimePoint> next_timeout();
  /// Returns the messages whose lease or delay has ended by `now`. The other calls do this first.
  void on_timeout(TimePoint now);

  [[nodiscard]] Stats stats();

  Queue(Queue&&) noexcept;
  Queue& operator=(Queue&&) noexcept;
  ~Queue();

 private:
  struct State;
  explicit Queue(std::unique_ptr<State> state) noexcept;

  std::unique_ptr<State> state_;
};

}  // namespace headgate::queue
