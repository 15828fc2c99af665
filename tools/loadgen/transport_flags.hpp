// The flags of `loadgen run` that say how targets are reached.
#pragma once

#include <CLI/CLI.hpp>

#include "headgate/config/load_plan.hpp"
#include "headgate/core/result.hpp"

namespace headgate::loadgen {

void add_transport_flags(CLI::App& command);
/// Sets in `plan` what flags were given. Fails with kInvalidArgument.
[[nodiscard]] Result<void> apply_transport_flags(config::LoadPlan& plan);

}  // namespace headgate::loadgen
