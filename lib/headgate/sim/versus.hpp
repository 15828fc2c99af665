// Two scenarios side by side: the same customers with the same work before one config and another.
#pragma once

#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/report/json.hpp"
#include "headgate/sim/experiment.hpp"

namespace headgate::sim {

/// A figure of both, and how they differ.
struct ComparedFigure {
  std::string name;
  stats::Estimate a;
  stats::Estimate b;
  stats::Difference difference;  ///< of a - b
};

struct ComparedPoint {
  PointResult::At at;
  std::vector<ComparedFigure> figures;
};

/// The points that both have, by the values of their dimensions. Fails with kInvalidArgument if
/// there is none. Requires: runs with equal seeds.
[[nodiscard]] Result<std::vector<ComparedPoint>> compare(const Results& a, const Results& b);

[[nodiscard]] std::string versus_text(const std::vector<ComparedPoint>& points, bool colour);
/// `headgate.compare/1`.
[[nodiscard]] report::Json versus_json(const std::vector<ComparedPoint>& points);

}  // namespace headgate::sim
