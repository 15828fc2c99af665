// Many replications of every point of a scenario, what they estimate, and whether that is what the
// scenario expects.
//
// Replications are independent by their seeds and equal across points: replication r of every point
// draws from the same streams (common random numbers). They are spread over threads, but each is a
// function of its plan and seed alone, sums are merged exactly, and decisions (is the interval
// narrow enough?) are taken between batches whose size does not depend on the threads. So the
// results are the same bytes for any number of threads.
//
// `replications: 1` asks for one long run instead: its sections take the place of replications.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/exit_code.hpp"
#include "headgate/core/result.hpp"
#include "headgate/sim/point_result.hpp"
#include "headgate/sim/point_runner.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::sim {

struct Judged {
  stats::Expectation expectation;
  stats::Verdict verdict;
  /// Of a verdict in doubt: how many measured requests of a point would settle it, if the figures
  /// stay as they are; nothing if none would.
  std::optional<double> jobs_needed;
};

struct Results {
  std::string question;
  std::uint64_t seed = 1;
  std::vector<std::string> on;  ///< the figures that `precision` is about
  std::vector<PointResult> points;
  std::vector<Judged> expect;
  bool interrupted = false;  ///< ended early: what was measured until then

  [[nodiscard]] bool passed() const noexcept;
  /// kNo if an expectation failed beyond doubt, kInconclusive if one is in doubt, else kYes.
  [[nodiscard]] ExitCode exit_code() const noexcept;
};

/// Compiles every point. Fails with kInvalidConfig at the first that cannot be, or that has no
/// steady state where one is asked for (steady_state.hpp); `where` is a path of the scenario.
[[nodiscard]] Result<std::vector<Plan>> plan_points(const config::Scenario& scenario);
/// The same as results in which nothing was run yet.
[[nodiscard]] Result<std::vector<PointResult>> start_points(const config::Scenario& scenario);
/// Results of points that were run, judged. Requires: points of this scenario, from the first on.
[[nodiscard]] Results conclude(const config::Scenario& scenario, std::vector<PointResult> points,
                               bool interrupted);

/// Carries out the scenario. Fails with kInvalidConfig before anything runs if a point cannot be.
[[nodiscard]] Result<Results> run_experiment(const config::Scenario& scenario,
                                             const ExperimentOptions& options);

}  // namespace headgate::sim
