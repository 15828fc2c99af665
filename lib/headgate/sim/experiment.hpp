// Many replications of every point of a scenario, what they estimate, and whether that is what the
// scenario expects.
//
// Replications are independent by their seeds and equal across points: replication r of every point
// draws from the same streams (common random numbers). They are spread over threads, but each is a
// function of its plan and seed alone, sums are merged exactly, and decisions (is the interval
// narrow enough?) are taken between batches whose size does not depend on the threads. So the
// results are the same bytes for any number of threads.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/exit_code.hpp"
#include "headgate/core/result.hpp"
#include "headgate/sim/figures.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/stats/expectation.hpp"
#include "headgate/stats/histogram.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/totals.hpp"

namespace headgate::sim {

/// `run.precision` gives up after so many replications of one point.
inline constexpr std::uint32_t kReplicationsMax = 1000;
/// Of all intervals, unless another is asked for.
inline constexpr double kConfidence = 0.95;

/// What the replications of one point came to.
class PointResult {
 public:
  using At = std::vector<std::pair<std::string, std::string>>;

  PointResult(At at, Plan plan);

  /// The figure of that name with its interval over the replications; nothing if there is none.
  /// Means and shares: the mean of the replications. Quantiles: that of all requests together, with
  /// the interval that the spread of the replications' own quantiles gives (sectioning: S.
  /// Asmussen, P. Glynn, "Stochastic Simulation", section III.5). A `.max` has no interval: it
  /// grows with the length of the run and estimates nothing.
  /// Requires: 0 < confidence < 1.
  [[nodiscard]] std::optional<stats::Estimate> estimate(std::string_view figure,
                                                        double confidence = kConfidence) const;

  [[nodiscard]] const At& at() const noexcept { return at_; }
  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  /// Sums over the replications.
  [[nodiscard]] const stats::Totals& totals() const noexcept { return totals_; }
  [[nodiscard]] std::uint64_t warmup_requests() const noexcept { return warmup_requests_; }
  [[nodiscard]] const stats::Histogram& response_time() const noexcept { return response_time_; }
  [[nodiscard]] const stats::Histogram& queue_time() const noexcept { return queue_time_; }
  [[nodiscard]] const std::vector<std::uint64_t>& published() const noexcept { return published_; }
  [[nodiscard]] std::size_t replications() const noexcept { return figures_.size(); }

  /// Adds one replication. Call in the order of their numbers.
  void add(const Outcome& outcome);

 private:
  At at_;
  Plan plan_;
  FigureNames names_;
  std::vector<std::vector<double>> figures_;  // by replication, then by name
  stats::Totals totals_;
  std::uint64_t warmup_requests_ = 0;
  stats::Histogram response_time_;
  stats::Histogram queue_time_;
  std::vector<std::uint64_t> published_;
};

struct Judged {
  stats::Expectation expectation;
  stats::Verdict verdict;
};

struct Results {
  std::string question;
  std::uint64_t seed = 1;
  std::vector<PointResult> points;
  std::vector<Judged> expect;
  bool interrupted = false;  ///< ended early: what was measured until then

  [[nodiscard]] bool passed() const noexcept;
  /// kNo if an expectation failed beyond doubt, kInconclusive if one is in doubt, else kYes.
  [[nodiscard]] ExitCode exit_code() const noexcept;
};

struct ExperimentOptions {
  unsigned threads = 1;                     ///< at least 1
  const std::atomic<bool>* stop = nullptr;  ///< once true the experiment ends early and cleanly
  /// Called between batches with words such as "load=0.9: 40 replications"; may be empty.
  std::function<void(const std::string&)> progress = {};
};

/// Carries out the scenario. Fails with kInvalidConfig before anything runs if a point cannot be.
[[nodiscard]] Result<Results> run_experiment(const config::Scenario& scenario,
                                             const ExperimentOptions& options);

/// How many measured requests in all would give `figure` a half-width of `share` of its value, by
/// the rule that a half-width shrinks with the square root of the effort; nothing if there is no
/// such figure or no interval.
[[nodiscard]] std::optional<double> jobs_for(const PointResult& point, std::string_view figure,
                                             double share);

}  // namespace headgate::sim
