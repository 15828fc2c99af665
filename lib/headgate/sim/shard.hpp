// A study that outgrows one machine: a part of it that any batch engine can run, and the parts
// joined to the very bytes of a whole run.
//
// The work of a scenario is a list: every replication of the first point, then of the second, …
// Shard i of n makes a stretch of that list, so the parts of a point are successive replications
// and join in the order of the shards. What a part keeps is exact: integers, histograms bucket by
// bucket, and figures with all digits that a double has. Warm-ups are found anew by every shard
// that has work on a point, which costs half a replication and needs no word between machines.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/report/json.hpp"
#include "headgate/sim/experiment.hpp"

namespace headgate::sim {

struct Shard {
  std::uint32_t index = 1;  ///< 1 to count
  std::uint32_t count = 1;
};

/// `3/16`. Fails with kInvalidArgument.
[[nodiscard]] Result<Shard> parse_shard(std::string_view text);

/// Runs that part of the scenario and gives it as a document `headgate.sim-part/1`, in which the
/// scenario's file and settings stand for the one who joins. Fails with kInvalidConfig as
/// run_experiment() does, and if `precision` decides how much work there is; with kTimeout if it
/// was stopped, since half a part joins with nothing.
[[nodiscard]] Result<report::Json> run_shard(const config::Scenario& scenario,
                                             const std::vector<config::Setting>& settings,
                                             const Shard& shard, const ExperimentOptions& options);

/// Which scenario a part is of. Fails with kCorrupt if it is no part.
struct PartOrigin {
  std::string file;
  std::vector<config::Setting> settings;
};
[[nodiscard]] Result<PartOrigin> origin_of(const report::Json& part);

/// Joins all parts of `scenario`, in any order. Fails with kInvalidArgument if one is missing, is
/// there twice, or is of another scenario, and with kCorrupt if it is no part.
[[nodiscard]] Result<Results> join_parts(const config::Scenario& scenario,
                                         std::span<const report::Json> parts);

}  // namespace headgate::sim
