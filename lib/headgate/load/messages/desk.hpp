// A queue under load: one Queue object that the workers of a run share, one at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/core/spin_lock.hpp"
#include "headgate/load/messages/shared.hpp"
#include "headgate/queue/queue.hpp"

namespace headgate::load::messages {

/// Thread-safety: every call, from any thread.
class Desk {
 public:
  /// Fails with the queue's error, or with kInvalidConfig if it holds messages already: they are
  /// not this run's to settle.
  [[nodiscard]] static Result<std::unique_ptr<Desk>> open(Store& store, const Job& job);

  [[nodiscard]] Result<std::vector<queue::Delivery>> lease(TimePoint now, std::size_t max);
  void ack(TimePoint now, const queue::Receipt& receipt, queue::Settled done);
  void nack(TimePoint now, const queue::Receipt& receipt, queue::Settled done);
  /// Messages that are not settled yet.
  [[nodiscard]] std::uint64_t open_messages();
  [[nodiscard]] queue::Queue::Stats stats();

 private:
  explicit Desk(queue::Queue queue) : queue_{std::move(queue)} {}

  std::mutex mutex_;
  queue::Queue queue_;
};

/// One consumer of the queue: leases, and acks or gives back.
class QueueWorker {
 public:
  QueueWorker(Shared& shared, Desk& desk, std::uint32_t index);
  QueueWorker(const QueueWorker&) = delete;
  QueueWorker& operator=(const QueueWorker&) = delete;
  ~QueueWorker() = default;

  /// Returns when all that was published is settled, or as Consumer::run.
  void run();
  /// Complete once the store has let go of its answers, or run() returned with none open.
  [[nodiscard]] Consumed tally();

 private:
  void take(queue::Delivery& delivery, TimePoint now);
  void settled(std::uint64_t sequence, TimePoint acked, bool dead, const Result<void>& result);
  void work();

  Shared& shared_;
  Desk& desk_;
  Bell bell_;
  Random random_;
  std::atomic<std::uint64_t> unanswered_ = 0;  // settlements
  SpinLock lock_;  // of what follows: the store answers on its own threads
  Consumed tally_;
};

}  // namespace headgate::load::messages
