// Runs one point of a scenario to its end: finds its warm-up, then makes replications on threads
// until there are as many as asked for, or as the asked precision needs.
//
// The warm-up of a run of so many requests is found by pilots: five short replications with seeds
// of their own, a tenth as long as the run, whose averaged course goes to MSER-5. If it finds no
// end of the start there, the pilots are made twice as long, up to the run's own length. So the
// search costs about half a replication as a rule, one cut holds for all replications, and it
// depends on nothing but the plan and the seed. At least a hundredth is always left out, for what
// response times do not show, such as a limiter's first burst.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/sim/point_result.hpp"

namespace headgate::sim {

/// `run.precision` gives up after so many replications of one point.
inline constexpr std::uint32_t kReplicationsMax = 1000;

/// How far a long piece of work is.
struct Progress {
  std::string text;  ///< "load=0.9 40 of 60 replications"
  double share = 0;  ///< of the whole that is done, above 0: a guess while a precision decides
};

struct ExperimentOptions {
  unsigned threads = 1;                     ///< at least 1
  const std::atomic<bool>* stop = nullptr;  ///< once true the experiment ends early and cleanly
  /// Called between batches; may be empty.
  std::function<void(const Progress&)> progress = {};
};

/// Replications first..first+count-1 of those that a run asks for.
struct ReplicationRange {
  std::size_t first = 0;
  std::size_t count = 0;
};

/// Makes only these replications of `point`. Returns false if it was interrupted.
/// Requires: no `precision`, the range within run.replications.
[[nodiscard]] bool run_part(PointResult& point, const config::RunConfig& run,
                            const ReplicationRange& range, const ExperimentOptions& options);

/// Runs `point`. Returns false if it was interrupted; it then holds what was measured until then.
[[nodiscard]] bool run_point(PointResult& point, const config::RunConfig& run,
                             const ExperimentOptions& options);

}  // namespace headgate::sim
