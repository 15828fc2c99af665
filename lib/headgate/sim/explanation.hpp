// Why the slowest requests are slow: where their time went, against where that of all requests
// went.
//
// Every nanosecond of a response time belongs to one stage (recording_journey.cpp), so the means by
// stage add up to the mean response time, for all requests and for the slowest alike. What the
// slowest spend more than all, stage by stage, is the explanation; a figure such as p99 names only
// its sum.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/report/json.hpp"
#include "headgate/sim/point_result.hpp"
#include "headgate/sim/recording.hpp"

namespace headgate::sim {

/// Of one stage: nanoseconds per request.
struct StageMeans {
  Stage stage;
  double all_ns = 0;
  double slowest_ns = 0;
};

struct Explanation {
  std::uint64_t requests = 0;  ///< measured, ok or timed out, of one replication
  std::uint64_t slowest = 0;   ///< of them; at least 1
  Duration from{};             ///< the least response time among the slowest
  double all_ns = 0;           ///< mean response time: the sum over the stages
  double slowest_ns = 0;       ///< that of the slowest
  double attempts_all = 0;     ///< attempts per request
  double attempts_slowest = 0;
  std::uint64_t unseen = 0;        ///< requests that came after the first Recording::kJourneysMax
  std::vector<StageMeans> stages;  ///< those in which anybody spent time, in the order of Stage
};

/// The slowest `share` of the requests are at least one; of equal ones those sent first. Requires:
/// a recording with journeys, at least one; 0 < share < 1.
[[nodiscard]] Explanation explain(const Recording& recording, Share share);

/// Stages of all targets of a service added up, and what makes most of the difference in a
/// sentence; then the targets, if a service has several.
[[nodiscard]] std::string explanation_text(const Explanation& explanation, const PointResult& point,
                                           bool colour);

/// {"at", "requests", "slowest": {"requests", "from_ns"}, "response_time": M, "attempts": {"all",
/// "slowest"}, "stages": [{"stage", "service", "target", M…}]} where M = "all_ns", "all_share",
/// "slowest_ns", "slowest_share".
[[nodiscard]] report::Json explanation_json(const Explanation& explanation,
                                            const PointResult& point);

}  // namespace headgate::sim
