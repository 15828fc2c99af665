// Shows a run while it goes on, and ends it when the user asks.
#pragma once

#include "headgate/load/job.hpp"
#include "headgate/load/run.hpp"

namespace headgate::loadgen {

/// SIGINT and SIGTERM end the run that is watched, with what was measured so far.
void end_by_signal();
/// Whether such a signal came.
[[nodiscard]] bool asked_to_end();

/// Waits for the end of the run. On a terminal (stderr) its course is drawn in place; elsewhere one
/// line a second is printed if `progress`, and otherwise nothing.
void watch(load::Run& run, const load::Job& job, bool progress);

}  // namespace headgate::loadgen
