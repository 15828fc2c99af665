// What the slices say together: CPU time per request of each gateway, and ours as a ratio to each
// peer's, paired round by round, because the machine's speed changes between rounds by more than
// the gateways differ.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headgate/stats/interval.hpp"
#include "slice.hpp"

namespace headgate::study {

struct Series {
  std::string name;
  std::string version;
  std::vector<Slice> slices;            // one per round
  std::optional<double> syscalls = {};  // per request
};

struct Row {
  stats::Estimate us_per_request;
  double user_share = 0;  // of its CPU time, over all rounds
  double requests_per_s = 0;
  stats::Estimate ratio;  // ours to this one; for ours itself 1
};

/// One row for each series; the first one is ours. Requires: equally many slices in each.
[[nodiscard]] std::vector<Row> summarise(const std::vector<Series>& all);

[[nodiscard]] std::string table_text(const std::vector<Series>& all, const std::vector<Row>& rows);
/// `round,gateway,requests,length_ns,cpu_ns,user_ns,system_ns`.
[[nodiscard]] std::string csv_text(const std::vector<Series>& all);

}  // namespace headgate::study
