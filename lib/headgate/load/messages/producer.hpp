// One producer: publishes its messages of the schedule and keeps the answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <semaphore>

#include "headgate/core/spin_lock.hpp"
#include "headgate/load/backlog.hpp"
#include "headgate/load/messages/shared.hpp"

namespace headgate::load::messages {

/// run tally, on one thread. The store's answers may come later than that: it lets go of them
/// before this goes.
class Producer {
 public:
  /// `index`: among all producers of the run.
  Producer(Shared& shared, std::uint32_t index);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  ~Producer() = default;

  /// Returns when all is published and answered, or given up `answer_limit` after the end.
  void run(Duration answer_limit);
  /// What was seen until run() returned.
  [[nodiscard]] const Published& tally() const noexcept { return tally_; }
  [[nodiscard]] std::uint64_t answered() const noexcept {
    return answered_.load(std::memory_order_relaxed);
  }
  /// Of a core, over the time that was spent publishing.
  [[nodiscard]] double cpu_share() const noexcept { return cpu_share_; }

 private:
  void publish_open();
  void publish_closed();
  /// Waits for one of the places for unanswered messages; false if the run is interrupted.
  bool take_place();
  void count_due(TimePoint intended);
  void publish(const Due& due, TimePoint able);
  void answer(const Due& due, const Result<std::uint64_t>& result, Place& place);

  Shared& shared_;
  const std::uint32_t index_;
  const std::uint32_t producers_;
  messaging::Log& log_;
  const Duration epoch_;  // of the records' times
  std::counting_semaphore<> free_;
  std::atomic<bool> refused_ = false;  // the last answer was that there is no room
  std::uint64_t turn_ = 0;             // of the topic's partitions
  SpinLock lock_;                      // of what follows: the store answers on its own threads
  Published tally_;
  std::uint64_t settled_ = 0;
  bool closed_ = false;  // answers count no more
  std::atomic<std::uint64_t> answered_ = 0;
  double cpu_share_ = 0;
};

}  // namespace headgate::load::messages
