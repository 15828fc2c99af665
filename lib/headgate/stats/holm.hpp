// Several questions, one error rate: the more are asked, the surer each answer must be.
//
// Holm's procedure rejects true hypotheses, be it one or several, with probability at most `alpha`,
// however the tests depend on each other, and never rejects fewer than Bonferroni's.
// Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6(2),
// 1979.
#pragma once

#include <span>
#include <vector>

namespace headgate::stats {

struct HolmStep {
  bool rejected = false;
  double level = 0;  ///< what its p was compared to, or would have been had the procedure got there
};

/// One step for each p, in their order. Requires: 0 < alpha < 1.
[[nodiscard]] std::vector<HolmStep> holm(std::span<const double> p, double alpha);

}  // namespace headgate::stats
