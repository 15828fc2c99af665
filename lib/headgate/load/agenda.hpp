// When this thread has to send: its share of the one schedule of the run.
//
// All threads walk the same seeded schedule and thread k of T takes the requests k, k + T, k + 2T …
// So the requests of all threads together are exactly the process that was asked for, whatever the
// number of threads; a rate divided per thread or per connection would not be (T Poisson processes
// add up to one, but T constant ones send in bursts of T).
#pragma once

#include <cstdint>
#include <limits>

#include "headgate/arrival/schedule.hpp"
#include "headgate/core/time.hpp"
#include "headgate/load/backlog.hpp"

namespace headgate::load {

class Agenda {
 public:
  struct Options {
    arrival::Arrivals arrivals;  ///< an open loop
    std::uint64_t seed = 1;
    TimePoint start{};           ///< of the run: intended times count from it
    Duration duration = kNever;  ///< requests intended before start + duration
    std::uint64_t count = std::numeric_limits<std::uint64_t>::max();  ///< and no more than these
    std::uint32_t thread = 0;                                         ///< 0 to threads - 1
    std::uint32_t threads = 1;
  };

  explicit Agenda(const Options& options);

  /// The intended time of the next request of this thread; TimePoint::max() if there is none.
  [[nodiscard]] TimePoint next() const noexcept { return due_.intended; }
  [[nodiscard]] bool finished() const noexcept { return due_.intended == TimePoint::max(); }
  /// The next request, taken off the agenda. Requires: not finished.
  Due take() noexcept;

 private:
  void step() noexcept;

  Options options_;
  arrival::AnySchedule schedule_;
  std::uint64_t walked_ = 0;  // requests of the whole schedule seen so far
  Due due_;                   // the next one of this thread
};

}  // namespace headgate::load
