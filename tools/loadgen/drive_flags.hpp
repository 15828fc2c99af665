// Flags of `loadgen run` that say how requests are driven, beyond where to, how many and how fast.
#pragma once

#include <CLI/CLI.hpp>

#include "headgate/config/load_plan.hpp"
#include "headgate/core/result.hpp"
#include "headgate/load/job.hpp"

namespace headgate::loadgen {

void add_drive_flags(CLI::App& command);
/// Puts what the flags say over the plan.
[[nodiscard]] Result<void> apply_drive_flags(config::LoadPlan& plan);
/// What --spin says.
[[nodiscard]] load::Spin spin_flag();

}  // namespace headgate::loadgen
