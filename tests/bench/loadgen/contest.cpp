#include "contest.hpp"

#include <fmt/format.h>

#include "headgate/stats/median.hpp"

namespace headgate::study {
namespace {

template <class Figure>
stats::Estimate median_over(const Standing& standing, Figure figure) {
  std::vector<double> values;
  for (std::size_t i = 0; i < standing.rounds.size(); ++i) values.push_back(figure(i));
  return stats::median_interval(values);
}

}  // namespace

std::vector<Standing> hold(const std::vector<Entrant>& entrants, std::size_t rounds) {
  std::vector<Standing> standings;
  for (const Entrant& entrant : entrants) standings.push_back({.name = entrant.name, .rounds = {}});
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < entrants.size(); ++turn) {
      const std::size_t which = (round + turn) % entrants.size();
      standings[which].rounds.push_back(entrants[which].run());
    }
  }
  return standings;
}

Figures figures_of(const Standing& standing, const Standing& ours) {
  const auto& its = standing.rounds;
  return {.rate = median_over(standing, [&](std::size_t i) { return its[i].per_second(); }),
          .cost = median_over(standing, [&](std::size_t i) { return its[i].us_per_request(); }),
          .faster = median_over(
              standing,
              [&](std::size_t i) { return ours.rounds[i].per_second() / its[i].per_second(); }),
          .cheaper = median_over(standing, [&](std::size_t i) {
            return ours.rounds[i].us_per_request() / its[i].us_per_request();
          })};
}

std::string ratio_text(const stats::Estimate& ratio) {
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", ratio.value, ratio.low, ratio.high);
}

}  // namespace headgate::study
