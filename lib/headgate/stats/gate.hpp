// Is the candidate worse than the baseline? The decision of `loadgen gate` and `loadgen ab`, from
// pairs of measurements.
//
// Each metric has a least effect that matters, written down before anything is measured. The effect
// of a pair is the logarithm of the ratio, candidate over baseline (of shares, which may be zero,
// the difference). A metric is a REGRESSION once its effect is surely greater than the least one
// that matters, and a PASS once it is surely smaller; a change that lies just there is neither, and
// stays INCONCLUSIVE however long one measures. So to find a change of 5 %, the least effect must
// be below 5 %.
//
// "Surely" is one-sided: with probability at most `alpha` any metric at all is called a regression
// wrongly, over all looks, and with the same any is passed wrongly. Alpha is spent over the looks
// (spending.hpp), divided over the metrics not yet decided (holm.hpp), for each side apart, and
// tested by signed ranks (signed_rank.hpp). The unit is the pair: requests within a measurement
// depend on each other, and a test over them would call everything different.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/stats/metric.hpp"
#include "headgate/stats/spending.hpp"

namespace headgate::stats {

enum class Worse { kHigher, kLower };

/// One metric that is gated.
struct GateMetric {
  std::string name;   ///< as find_metric knows it
  std::string label;  ///< `p50`
  MetricKind kind = MetricKind::kDuration;
  Worse worse = Worse::kHigher;
  double least_effect = 0;  ///< of the baseline's value; for a share, of one

  /// Shares are compared by their difference, all else by ratio.
  [[nodiscard]] bool by_ratio() const noexcept { return kind != MetricKind::kShare; }
};

/// What is gated unless something else is asked: p50, p99, throughput, failed_share.
[[nodiscard]] std::vector<GateMetric> gate_metrics_default();
/// `p50`, `response_time.p99`, `service_time.p90`, `throughput`, `goodput`, any share: with the
/// least effect that its kind has by default (5 %, 10 % from p99 up, 0.1 points). Fails with
/// kInvalidArgument for a metric that is not known or has no better and worse.
[[nodiscard]] Result<GateMetric> find_gate_metric(std::string_view name);
/// Puts `p99=10%` into the metric of that name. Fails with kInvalidArgument.
[[nodiscard]] Result<void> set_least_effect(std::vector<GateMetric>& metrics,
                                            std::string_view text);

enum class GateVerdict { kPass, kRegression, kInconclusive };
/// `PASS`, `REGRESSION`, `INCONCLUSIVE`.
[[nodiscard]] std::string_view name(GateVerdict verdict) noexcept;

/// What is known of one metric.
struct GateFinding {
  GateMetric metric;
  GateVerdict verdict = GateVerdict::kInconclusive;
  std::size_t pairs = 0;  ///< that had a figure on both sides, when it was decided
  double baseline = 0;    ///< median over the pairs
  double candidate = 0;
  /// Candidate over baseline less one; of shares, candidate less baseline. Low and high are the
  /// ends of the one-sided intervals that the verdict came from, or infinite.
  double change = 0;
  double low = 0;
  double high = 0;
  std::vector<double> effects;  ///< of the pairs, greater is worse; see the top
};

struct GateOptions {
  double alpha = 0.01;
  std::size_t least = 10;  ///< pairs before any decision
  std::size_t most = 45;   ///< pairs that are planned
  bool look_once = false;  ///< at `most` alone: all pairs are there already
  Spending spending = Spending::kPocock;
};

/// A figure for each metric, or nothing where a measurement has none.
using GateFigures = std::vector<std::optional<double>>;

/// (add look?)* end? findings
class Gate {
 public:
  /// Requires: at least one metric.
  Gate(std::vector<GateMetric> metrics, const GateOptions& options);

  /// One pair more. Requires: a figure per metric; not more pairs than planned.
  void add(const GateFigures& baseline, const GateFigures& candidate);
  /// Whether the plan has a look at so many pairs; then call look().
  [[nodiscard]] bool look_due() const noexcept;
  void look();
  /// No more pairs will come: a last look, at what is left of alpha. Does nothing once done().
  void end();
  /// Whether nothing more can change the answer: all decided, a regression found, or no more pairs.
  [[nodiscard]] bool done() const noexcept;

  [[nodiscard]] std::size_t pairs() const noexcept { return pairs_; }
  [[nodiscard]] const std::vector<std::size_t>& plan() const noexcept { return plan_; }
  /// By metric, as of the last look; before the first with infinite intervals.
  [[nodiscard]] std::vector<GateFinding> findings() const;

 private:
  /// One metric and its pairs.
  struct Line {
    GateMetric metric;
    std::vector<double> baseline;
    std::vector<double> candidate;
    std::vector<double> effects;
    GateVerdict verdict = GateVerdict::kInconclusive;
    std::size_t decided_at = 0;  // effects that were there
    double low = 0;              // of the effect
    double high = 0;
  };

  void spend_up_to(double share);
  void decide(GateVerdict verdict, double alpha);

  GateOptions options_;
  std::vector<Line> lines_;
  std::vector<std::size_t> plan_;  // looks, in pairs
  std::size_t next_ = 0;           // of plan_
  std::size_t pairs_ = 0;
  double spent_ = 0;
};

/// REGRESSION if any metric is one, else INCONCLUSIVE if any is, else PASS.
[[nodiscard]] GateVerdict overall(std::span<const GateFinding> findings) noexcept;

/// The fewest pairs of which any decision can come, with `metrics` gated at `alpha` in one look:
/// never fewer than ten.
[[nodiscard]] std::size_t pairs_needed(std::size_t metrics, double alpha) noexcept;

}  // namespace headgate::stats
