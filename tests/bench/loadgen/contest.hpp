// A contest of generators: they take turns, each round another first, so that what else the machine
// does meets all alike; and what their rounds say.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "contestant.hpp"
#include "headgate/stats/interval.hpp"

namespace headgate::study {

struct Entrant {
  std::string name;
  std::function<Outing()> run;
};

struct Standing {
  std::string name;
  std::vector<Outing> rounds;
  std::optional<double> syscalls = {};  ///< per request, counted under strace
};

/// Medians over the rounds, with the interval that holds them.
struct Figures {
  stats::Estimate rate;     ///< requests a second
  stats::Estimate cost;     ///< us of processor time a request
  stats::Estimate faster;   ///< our rate over its own, round by round
  stats::Estimate cheaper;  ///< our cost over its own
};

[[nodiscard]] std::vector<Standing> hold(const std::vector<Entrant>& entrants, std::size_t rounds);
[[nodiscard]] Figures figures_of(const Standing& standing, const Standing& ours);
/// `1.15 [0.94, 1.28]`.
[[nodiscard]] std::string ratio_text(const stats::Estimate& ratio);

}  // namespace headgate::study
