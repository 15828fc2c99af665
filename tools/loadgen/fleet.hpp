// What `loadgen run` needs for several machines: its flags, the part of an agent's process, and the
// part of the coordinator.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "headgate/load/job.hpp"
#include "headgate/load/run.hpp"
#include "headgate/load/summary.hpp"

namespace headgate::loadgen {

void add_fleet_flags(CLI::App& run_command);

/// Whether --agents is there.
[[nodiscard]] bool agents_wanted();
/// --slice, if it is there.
[[nodiscard]] Result<void> take_slice(load::Job& job);
/// --standby: says `ready`, waits for `start UNIX_NS` on stdin, and lets `run` go then; without the
/// flag at once. Fails if stdin ends first.
[[nodiscard]] Result<void> let_go(load::Run& run);
[[nodiscard]] bool on_standby();
/// Waits for the end of the run as watch() does, and tells stdout of each second, for the agent to
/// pass on.
void tell_seconds(load::Run& run);
/// The coordinator's part, from calling the agents to the one result; shows the course as watch()
/// does.
[[nodiscard]] Result<load::Summary> run_with_agents(const load::Job& job,
                                                    const std::string& plan_file,
                                                    report::Manifest manifest, bool progress);

}  // namespace headgate::loadgen
