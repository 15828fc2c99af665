#include "headgate/stats/holm.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::stats {

std::vector<HolmStep> holm(std::span<const double> p, double alpha) {
  HG_ASSERT(alpha > 0 && alpha < 1);
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [p](std::size_t i) { return std::pair{p[i], i}; });
  std::vector<HolmStep> steps(p.size());
  std::size_t left = p.size();  // hypotheses not yet rejected
  bool stopped = false;
  for (const std::size_t i : order) {
    steps[i].level = alpha / static_cast<double>(left);
    stopped = stopped || p[i] > steps[i].level;
    steps[i].rejected = !stopped;
    if (!stopped) --left;
  }
  return steps;
}

}  // namespace headgate::stats
