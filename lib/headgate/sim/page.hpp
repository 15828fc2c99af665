// The HTML page of an experiment: the data that its scripts draw from.
#pragma once

#include <span>

#include "headgate/report/json.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/point_record.hpp"

namespace headgate::sim {

/// So many points at most are shown over time and as a replay; the figures are there of all.
inline constexpr std::size_t kPointsShown = 32;

/// {"results": the document of results_json without histograms, "theory": [{"metric", "at",
/// "value"}] of the expectations that say `=`, "points": [{"curve": [[share, ns], …], "targets",
/// "servers", "series", "faults", "flows", "trace"}]}. `records` are those of the first points.
[[nodiscard]] report::Json page_json(const Results& results, std::span<const PointRecord> records);

}  // namespace headgate::sim
