// How the points of a sweep differ from each other, seen through common random numbers.
//
// Replication r of every point draws the same arrivals and the same work, so figures of two points
// rise and fall together, and their difference is known far better than either of them: its
// interval comes from the differences of the pairs. Source: A. M. Law, "Simulation Modeling and
// Analysis", section 11.2.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/sim/point_result.hpp"
#include "headgate/stats/interval.hpp"

namespace headgate::sim {

/// `figure` of `a` less that of `b`, from as many pairs as both have; nothing if one of them has no
/// such figure, no interval of it, or fewer than two pairs. Requires: equal seeds.
[[nodiscard]] std::optional<stats::Difference> difference(const PointResult& a,
                                                          const PointResult& b,
                                                          std::string_view figure,
                                                          double confidence = kConfidence);

/// Two points that differ in one dimension only.
struct PointPair {
  std::string dimension;
  std::string first;   ///< its value at `a`
  std::string second;  ///< and at `b`
  std::size_t a = 0;   ///< places among the points
  std::size_t b = 0;
  PointResult::At others;  ///< what they have in common
};

/// Of each dimension with at most five values every pair, of others the neighbours, in the order of
/// the points.
[[nodiscard]] std::vector<PointPair> pairs_of(const std::vector<PointResult>& points);

/// The figures that pairs are compared by: all of both, but the greatest values and the shares of
/// single targets.
[[nodiscard]] std::vector<std::string> compared_figures(const PointResult& a, const PointResult& b);

}  // namespace headgate::sim
