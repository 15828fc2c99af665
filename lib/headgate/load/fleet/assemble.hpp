// The parts of a run by several agents as one result, with what must be said of them.
#pragma once

#include <optional>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/load/fleet/coordinator.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/summary.hpp"

namespace headgate::load::fleet {

/// How many requests the whole schedule of `job` has; nothing if the answers decide. Cost: walks
/// it.
[[nodiscard]] std::optional<std::uint64_t> schedule_size(const Job& job);

/// Merges what came back (load::merge). `job` is the whole one. A part that is missing, and a sum
/// that is not the schedule, make it invalid. Fails with kUnavailable if every part is missing, or
/// with kCorrupt for a result that cannot be read.
[[nodiscard]] Result<Summary> assemble(const std::vector<Part>& parts, const Job& job,
                                       report::Manifest manifest);

}  // namespace headgate::load::fleet
