// What the tests of distributions share: draws, and how far they are from a known truth.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "headgate/arrival/distribution.hpp"

namespace headgate::arrival {

inline constexpr std::size_t kDraws = 100'000;

inline std::vector<double> draws_of(const Distribution& distribution, std::uint64_t seed) {
  Random random{seed};
  std::vector<double> draws;
  for (std::size_t i = 0; i < kDraws; ++i) {
    draws.push_back(static_cast<double>(distribution.sample(random).count()));
  }
  return draws;
}

/// The mean of the draws lies within four of its own standard deviations of the stated mean.
inline void check_mean(const Distribution& distribution, std::uint64_t seed) {
  double sum = 0;
  for (const double draw : draws_of(distribution, seed)) sum += draw / kDraws;
  const double mean = distribution.mean_ns();
  CHECK(sum == Approx(mean).margin(4 * mean * std::sqrt(distribution.cv2() / kDraws) + 0.01));
}

/// Kolmogorov's statistic times sqrt(n): above 1.95 once in a thousand seeds; the seeds are fixed.
inline double kolmogorov(std::vector<double> draws, const std::function<double(double)>& truth) {
  std::ranges::sort(draws);
  const auto count = static_cast<double>(draws.size());
  double worst = 0;
  for (std::size_t i = 0; i < draws.size(); ++i) {
    const double share = truth(draws[i]);
    worst = std::max({worst, share - static_cast<double>(i) / count,
                      static_cast<double>(i + 1) / count - share});
  }
  return worst * std::sqrt(count);
}

template <class T>
std::string field_of(const Result<T>& result) {
  REQUIRE_FALSE(result);
  CHECK(result.error().code == Errc::kInvalidArgument);
  return result.error().where;
}

}  // namespace headgate::arrival
