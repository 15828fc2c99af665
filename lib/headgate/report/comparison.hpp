// A measurement beside a prediction of the same thing: a load result, a simulation result, and how
// far they are apart. This is where "one policy, two clocks" is held to account.
//
// Durations and rates are compared by their ratio, shares by their difference in points: a refused
// share of 0.1 % against 0.2 % is not "wrong by half".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::report {

/// `response_time.p50=15%`, `refused_share=2%`: how far a metric may be off.
struct Tolerance {
  std::string metric;
  double most = 0;  ///< of the predicted value; for shares: of one
};

/// Fails with kInvalidArgument on another form or an unknown metric.
[[nodiscard]] Result<Tolerance> parse_tolerance(std::string_view text);

struct ComparedMetric {
  std::string name;
  stats::MetricKind kind = stats::MetricKind::kCount;
  double measured = 0;
  stats::Estimate predicted;
  double difference = 0;       ///< measured / predicted - 1; for shares measured - predicted
  std::optional<double> most;  ///< the tolerance, if one was given

  [[nodiscard]] bool agrees() const noexcept {
    return !most || (difference <= *most && -difference <= *most);
  }
};

struct ComparisonInput {
  std::string_view measured;    ///< text of a `headgate.load/1` document
  std::string_view predicted;   ///< text of a `headgate.sim/1` document with one point
  std::string_view access_log;  ///< text of a gateway's access log; empty: no shares per target
};

/// The quantiles p50, p95, p99 of the response time, throughput, refused share, and with an access
/// log the share of each target. Fails with kInvalidArgument: `where` is the document, `why` what
/// is wrong with it; also if a tolerance names a metric that is not compared.
[[nodiscard]] Result<std::vector<ComparedMetric>> compare(const ComparisonInput& input,
                                                          const std::vector<Tolerance>& within);

/// A table: metric, measured, predicted with interval, difference, whether it agrees.
[[nodiscard]] std::string to_text(const std::vector<ComparedMetric>& comparison, bool colour);

}  // namespace headgate::report
