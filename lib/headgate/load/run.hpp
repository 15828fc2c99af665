// A run from its start to its figures: connects, starts all threads on one schedule, can be watched
// and interrupted meanwhile, and sums up what the threads have seen.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "headgate/core/result.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/recorder.hpp"
#include "headgate/load/validity.hpp"

namespace headgate::load {

/// What a run has measured.
struct Measured {
  Tally tally;
  Duration window{};            ///< of the schedule: what the rates are counted over
  std::size_t connections = 0;  ///< that stood at the start
  Evidence evidence;            ///< for the verdict on the generator
  bool interrupted = false;
  std::string tls_fault = {};  ///< the words of the last tls_failed; empty: there was none

  [[nodiscard]] double per_second(std::uint64_t count) const noexcept {
    return window <= Duration::zero()
               ? 0
               : static_cast<double>(count) * 1e9 / static_cast<double>(window.count());
  }
};

class Run {
 public:
  /// Connects, and starts the schedule when this returns. Fails with kUnavailable if not one
  /// connection can be made; `where` lists the targets.
  [[nodiscard]] static Result<std::unique_ptr<Run>> start(Job job);
  /// The same in two steps, for a start that several generators agree on: connects, then
  [[nodiscard]] static Result<std::unique_ptr<Run>> connect(Job job);
  /// lets the schedule count from `start`. Call once, before everything below.
  void go(TimePoint start);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  /// Interrupts what still runs.
  ~Run();

  /// Waits until the run is over, at most `limit`; says whether it is.
  bool wait_for(Duration limit);
  /// Ends the run now; what was measured so far stands. May be called more than once.
  void interrupt();
  /// Requests settled so far.
  [[nodiscard]] std::uint64_t settled() const noexcept;
  /// Since the first intended time; negative before it.
  [[nodiscard]] Duration elapsed() const noexcept;
  /// What all threads have seen from second `first` on; nothing if one does not answer at once, as
  /// when the run is over.
  [[nodiscard]] std::optional<Progress> progress(std::size_t first);
  /// Waits for the end, then sums up. Call once.
  [[nodiscard]] Measured finish();

 private:
  class Threads;
  explicit Run(std::unique_ptr<Threads> threads);
  std::unique_ptr<Threads> threads_;
};

}  // namespace headgate::load
