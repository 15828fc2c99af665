// Shows a run while it goes on, and ends it when the user asks.
#pragma once

#include "headgate/load/job.hpp"
#include "headgate/load/run.hpp"

namespace headgate::loadgen {

/// Waits for the end of the run, which a caught signal brings about (signals.hpp). On a terminal
/// (stderr) its course is drawn in place; elsewhere one line a second is printed if `progress`, and
/// otherwise nothing.
void watch(load::Run& run, const load::Job& job, bool progress);

}  // namespace headgate::loadgen
