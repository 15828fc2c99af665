#include "headgate/stats/median.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::stats {
namespace {

constexpr double kCoverage = 0.95;

/// P(B(n, 1/2) = k) from P(B(n, 1/2) = k - 1).
double next_term(double term, std::size_t n, std::size_t k) {
  return term * static_cast<double>(n - k + 1) / static_cast<double>(k);
}

}  // namespace

Estimate median_interval(std::span<const double> measurements) {
  HG_ASSERT(!measurements.empty());
  std::vector<double> sorted(measurements.begin(), measurements.end());
  std::sort(sorted.begin(), sorted.end());
  const std::size_t n = sorted.size();
  const double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  // Ranks counted from 1: the interval from rank k to rank n + 1 - k is missed when fewer than k
  // measurements fall on one side.
  double term = std::pow(0.5, static_cast<double>(n));  // P(B = 0)
  double missed = 2 * term;
  std::size_t rank = 1;
  while (rank + 1 <= n / 2) {
    term = next_term(term, n, rank);
    if (missed + 2 * term > 1 - kCoverage) break;
    missed += 2 * term;
    ++rank;
  }
  return {.value = median,
          .low = sorted[rank - 1],
          .high = sorted[n - rank],
          .confidence = n == 1 ? 0 : 1 - missed};
}

}  // namespace headgate::stats
