// What the contests say: nanoseconds per decision, ours as a ratio to each peer, and whether the
// goals hold.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "contest.hpp"
#include "headgate/stats/interval.hpp"

namespace headgate::study {

struct PeerRow {
  std::string name;
  stats::Estimate ns;
  stats::Estimate ratio;  // ours to it, paired round by round
};

struct Row {
  std::string name;
  stats::Estimate ns;  // ours
  std::optional<double> goal_ns;
  std::optional<double> goal_ratio;
  std::string goal_peer;
  std::uint64_t allocations = 0;
  std::vector<PeerRow> peers;

  /// Every goal holds of the medians, and nothing was allocated.
  [[nodiscard]] bool holds() const;
};

/// Requires: a contest that was run.
[[nodiscard]] Row summarise(const Contest& contest);
[[nodiscard]] std::string table_text(const std::vector<Row>& rows, std::size_t rounds);
[[nodiscard]] nlohmann::ordered_json rows_json(const std::vector<Row>& rows);

}  // namespace headgate::study
