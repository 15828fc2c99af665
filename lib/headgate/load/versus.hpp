// Two results side by side: measured beside predicted, or one run beside another.
//
// Durations and rates are compared by their ratio, shares by their difference in points, the second
// result against the first. Shares are of the requests that got an answer or were given up, as in
// simulations: those still under way at the end have not come to anything.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::load {

/// One result, as far as it is compared.
struct Side {
  std::string name;  ///< `measured`, or `predicted` with the point's place in its sweep
  std::map<std::string, stats::Estimate> figures;  ///< by metric; without an interval if measured
};

struct VersusRow {
  std::string metric;
  stats::MetricKind kind = stats::MetricKind::kCount;
  stats::Estimate first;
  stats::Estimate second;
  double difference = 0;  ///< second / first - 1; of shares second - first
};

/// The result of a file: `headgate.load/1`, or one point of `headgate.sim/1`, chosen by `at`
/// (`load=0.9,policy=two_choices`; empty if there is one). Fails with kIo, with kCorrupt and the
/// place in the document, and with kInvalidArgument and the points there are if `at` does not
/// choose one.
[[nodiscard]] Result<Side> read_side(const std::string& path, const std::string& at);

/// Every metric that both have, in the order of people's interest.
[[nodiscard]] std::vector<VersusRow> versus(const Side& first, const Side& second);

[[nodiscard]] std::string versus_text(const Side& first, const Side& second);
[[nodiscard]] nlohmann::ordered_json versus_json(const Side& first, const Side& second);

}  // namespace headgate::load
