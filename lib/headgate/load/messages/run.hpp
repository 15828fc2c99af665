// A run of message load from its start to its figures.
//
// Producers publish by one schedule; the consumers of every group, or the workers of a queue, take
// what comes. When nothing is published any more the ends of the partitions are read, the consumers
// go on to them, and what some group has not consumed by then is looked for in the store itself. So
// the accounts compare three witnesses: the store's answers, the consumers, and the store's
// content.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/load/messages/job.hpp"
#include "headgate/load/messages/ledger.hpp"
#include "headgate/load/messages/store.hpp"
#include "headgate/load/messages/tally.hpp"
#include "headgate/load/validity.hpp"

namespace headgate::load::messages {

/// How a backlog was built and drained.
struct Backlog {
  std::uint64_t built = 0;  ///< messages
  Duration build{};
  Duration drain{};  ///< until the slowest group had it
};

struct Measured {
  Published published;
  std::vector<Consumed> groups;   ///< one for a queue
  std::vector<Account> accounts;  ///< by group
  TimePoint start{};
  Duration window{};   ///< of the schedule, warm-up included
  Duration figures{};  ///< the part of it that rates are counted over
  std::optional<Backlog> backlog;
  Evidence evidence;
  bool interrupted = false;

  [[nodiscard]] double per_second(std::uint64_t count) const noexcept {
    return figures <= Duration::zero()
               ? 0
               : static_cast<double>(count) * 1e9 / static_cast<double>(figures.count());
  }
  /// Nothing lost, doubled, damaged or out of order, for every group.
  [[nodiscard]] bool held() const noexcept;
};

class Run {
 public:
  /// Opens the consumers and starts. `store` outlives neither job nor run: it is this run's, which
  /// closes it to have every answer. Fails with the store's error.
  [[nodiscard]] static Result<std::unique_ptr<Run>> start(Job job, std::unique_ptr<Store> store);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  /// Interrupts what still runs.
  ~Run();

  /// Waits until the run is over, at most `limit`; says whether it is.
  bool wait_for(Duration limit);
  void interrupt();
  /// So far: messages answered by the store, and the fewest that a group has.
  [[nodiscard]] std::uint64_t published() const noexcept;
  [[nodiscard]] std::uint64_t consumed() const;
  /// Waits for the end, then sums up. Call once.
  [[nodiscard]] Measured finish();

 private:
  class Threads;
  explicit Run(std::unique_ptr<Threads> threads);
  std::unique_ptr<Threads> threads_;
};

}  // namespace headgate::load::messages
