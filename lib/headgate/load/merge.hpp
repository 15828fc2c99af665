// Several runs as one: what generators on several machines, or agents that took slices of one
// schedule, have seen together.
#pragma once

#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/load/summary.hpp"

namespace headgate::load {

/// One run of all parts, as if they had been threads of one generator: counts added, timings added
/// exactly, seconds aligned from each part's start, targets by name. Rates are over the longest
/// duration. It is valid if every part is (each cause says of which), and every expectation of any
/// part is judged anew by what all have seen. Fails with kInvalidArgument without a part.
[[nodiscard]] Result<Summary> merge(std::vector<Summary> parts, report::Manifest manifest);

}  // namespace headgate::load
