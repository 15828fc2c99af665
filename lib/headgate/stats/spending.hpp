// Looking at data several times, while one error rate holds for all looks together.
//
// Who looks after every batch and stops at the first significant one is wrong far more often than
// each single test says. So the error rate is a budget: a function says how much of it may be spent
// up to the time that this share of the planned data is there, and each look tests at what is new
// since the last. That the looks' errors add up to at most the whole needs no assumption on how the
// looks depend on each other (the boundaries of group-sequential designs, which do assume it, are a
// little nearer). Source: K. K. G. Lan, D. L. DeMets, "Discrete sequential boundaries for clinical
// trials", Biometrika 70(3), 1983.
#pragma once

#include <cstddef>
#include <vector>

namespace headgate::stats {

enum class Spending {
  kPocock,         ///< nearly even: finds gross effects early
  kObrienFleming,  ///< almost nothing at first, most at the end: finds small effects
};

/// What may be spent of `alpha` when the share `information` of the planned data is there; 0 at 0,
/// alpha at 1 and beyond. Requires: 0 < alpha < 1, information >= 0.
[[nodiscard]] double spent(Spending spending, double alpha, double information) noexcept;

/// After how many of `most` pairs to look: first when `tests` at once can be decided at all (and
/// never before `least`), then whenever there are about 1.4 times as many, last at `most`.
/// Ascending; just `most` if that comes first. Requires: least >= 1, most >= 1, tests >= 1.
struct LookPlan {
  std::size_t least = 10;
  std::size_t most = 10;
  std::size_t tests = 1;
  double alpha = 0.01;
  Spending spending = Spending::kPocock;
};
[[nodiscard]] std::vector<std::size_t> looks(const LookPlan& plan);

}  // namespace headgate::stats
