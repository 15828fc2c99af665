// A queueing station on paper: requests in order of arrival, a fixed number of workers, each
// request served by the worker that is free first.
//
// It computes when a request will be done from when it came, and needs no clock of its own. The
// test upstream answers at these computed times; a timer that fires late delays one answer and no
// other, where a server that sleeps for each service adds up all its lateness. So the real station
// has the very response times of the model (Lindley, "The theory of queues with a single server",
// 1952: start = max(arrival, previous completion)), and can be held against theory.
#pragma once

#include <cstddef>
#include <vector>

#include "headgate/core/time.hpp"

namespace headgate::load {

class Station {
 public:
  /// All workers are free. Requires: workers >= 1.
  explicit Station(std::size_t workers);

  /// When a request that arrives at `arrival` and needs `service` of a worker's time is done.
  /// Requires: service >= 0. Arrivals are served in the order of the calls. O(log workers).
  [[nodiscard]] TimePoint serve(TimePoint arrival, Duration service);

 private:
  std::vector<TimePoint> free_at_;  // a heap, the earliest first: when each worker is done
};

}  // namespace headgate::load
