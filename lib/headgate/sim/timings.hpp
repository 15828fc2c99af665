// The timings of an outcome by name: histograms that may be merged over replications, so that a
// quantile is one of all requests together and not a mean of quantiles.
#pragma once

#include <string>
#include <vector>

#include "headgate/sim/plan.hpp"
#include "headgate/sim/replication.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::sim {

/// "response_time", "queue_time", "topics.requests.age", …: fixed by the plan.
[[nodiscard]] std::vector<std::string> timing_names(const Plan& plan);

/// The histograms of an outcome in the same order.
[[nodiscard]] std::vector<const stats::Histogram*> timings_of(const Outcome& outcome);

/// Adds the timings of `from` to those of `into`, and nothing else. Requires: of the same plan.
void merge_timings(Outcome& into, const Outcome& from);

}  // namespace headgate::sim
