// The recording of a point that has been simulated: its first replication is made once more, this
// time watched. Replications are functions of their seeds, so what is seen is what was measured,
// and the measurement itself pays nothing for it.
#pragma once

#include <atomic>
#include <span>
#include <vector>

#include "headgate/report/json.hpp"
#include "headgate/sim/point_result.hpp"
#include "headgate/sim/recording.hpp"

namespace headgate::sim {

struct PointRecord {
  Series series;
  TimePoint window_start{};  ///< of the measured stretch
  TimePoint window_end{};
  std::vector<Flow> flows;
  std::vector<TracedRequest> trace;  ///< of the moment when most requests were in the system
};

struct RecordOptions {
  unsigned threads = 1;    ///< at least 1; the records are the same for any number
  bool trace = false;      ///< costs a third run of the replication
  std::size_t points = 0;  ///< record the first so many
};

/// One record for each of the first points. Cost: one replication each, two with a trace. `stop`
/// ends it early: what is missing then is missing at the end.
[[nodiscard]] std::vector<PointRecord> record_points(std::span<const PointResult> points,
                                                     std::uint64_t run_seed,
                                                     const RecordOptions& options,
                                                     const std::atomic<bool>& stop);

/// {"bin_ns", "bins", "length_ns", "window_ns": [start, end], "offered": […], … , "targets":
/// {NAME: {"waiting", "busy"}}, "topics": {NAME: {"events", "lag"}}, "queues" and
/// "subscribers": {NAME: [depth]}}; a bin without a response has
/// null for its response time.
[[nodiscard]] report::Json series_json(const PointRecord& record, const Plan& plan);

/// The names of all targets in the order of their numbers.
[[nodiscard]] std::vector<std::string> target_names(const Plan& plan);

}  // namespace headgate::sim
