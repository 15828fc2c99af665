// The sums of a point as JSON and back, without loss of what any result shows.
#pragma once

#include "headgate/core/result.hpp"
#include "headgate/report/json.hpp"
#include "headgate/sim/point_result.hpp"

namespace headgate::sim {

[[nodiscard]] report::Json sums_json(const PointSums& sums);
/// Fails with kCorrupt if it is not what sums_json() gave for such a point; `like` says how many
/// figures and topics there are. The exact sums of histograms, of which no result
/// shows anything, are those of the buckets.
[[nodiscard]] Result<PointSums> parse_sums(const report::Json& json, const PointResult& like);

[[nodiscard]] report::Json warmup_parts_json(const Warmup& warmup);
[[nodiscard]] Result<Warmup> parse_warmup(const report::Json& json);

}  // namespace headgate::sim
