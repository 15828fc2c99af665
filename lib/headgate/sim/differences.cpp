#include "headgate/sim/differences.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace headgate::sim {
namespace {

constexpr std::size_t kEveryPairUpTo = 5;

struct Pairs {
  std::vector<double> a;
  std::vector<double> b;
};

Pairs pairs_in(const std::vector<double>& a, const std::vector<double>& b) {
  Pairs pairs;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (std::isnan(a[i]) || std::isnan(b[i])) continue;
    pairs.a.push_back(a[i]);
    pairs.b.push_back(b[i]);
  }
  return pairs;
}

std::vector<double> subtracted(const Pairs& pairs) {
  std::vector<double> differences(pairs.a.size());
  std::ranges::transform(pairs.a, pairs.b, differences.begin(), std::minus<>{});
  return differences;
}

// The points in groups that agree in all but `dimension`, each in the order of the points.
std::vector<std::vector<std::size_t>> groups_of(const std::vector<PointResult>& points,
                                                const std::string& dimension) {
  std::map<PointResult::At, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < points.size(); ++i) {
    PointResult::At others = points[i].at();
    std::erase_if(others, [&](const auto& entry) { return entry.first == dimension; });
    groups[others].push_back(i);
  }
  std::vector<std::vector<std::size_t>> ordered;
  ordered.reserve(groups.size());
  for (auto& group : groups) ordered.push_back(std::move(group.second));
  std::ranges::sort(ordered);
  return ordered;
}

PointPair pair_of(const std::vector<PointResult>& points, const std::string& dimension,
                  std::size_t a, std::size_t b) {
  PointPair pair{.dimension = dimension, .first = {}, .second = {}, .a = a, .b = b, .others = {}};
  for (const auto& [name, value] : points[a].at()) {
    if (name == dimension) {
      pair.first = value;
    } else {
      pair.others.emplace_back(name, value);
    }
  }
  for (const auto& [name, value] : points[b].at()) {
    if (name == dimension) pair.second = value;
  }
  return pair;
}

}  // namespace

std::optional<stats::Difference> difference(const PointResult& a, const PointResult& b,
                                            std::string_view figure, double confidence) {
  if (figure.ends_with(".max") || a.is_sectioned() != b.is_sectioned()) return std::nullopt;
  const auto value_a = a.estimate(figure);
  const auto value_b = b.estimate(figure);
  if (!value_a || !value_b) return std::nullopt;
  const Pairs pairs = pairs_in(a.parts(figure), b.parts(figure));
  if (pairs.a.size() < 2) return std::nullopt;
  stats::Difference found = stats::paired_difference(pairs.a, pairs.b, confidence);
  const std::vector<double> differences = subtracted(pairs);
  if (a.is_pooled(figure)) {
    found.estimate =
        stats::quantile_interval(value_a->value - value_b->value, differences, confidence);
  } else if (a.is_sectioned()) {
    found.estimate = stats::section_interval(differences, kSectionsPerBatch, confidence);
  }
  return found;
}

std::vector<PointPair> pairs_of(const std::vector<PointResult>& points) {
  std::vector<PointPair> pairs;
  if (points.empty()) return pairs;
  for (const auto& [dimension, unused] : points.front().at()) {
    for (const std::vector<std::size_t>& group : groups_of(points, dimension)) {
      const std::size_t reach = group.size() <= kEveryPairUpTo ? group.size() : 1;
      for (std::size_t i = 0; i < group.size(); ++i) {
        for (std::size_t j = i + 1; j < group.size() && j <= i + reach; ++j) {
          pairs.push_back(pair_of(points, dimension, group[i], group[j]));
        }
      }
    }
  }
  return pairs;
}

std::vector<std::string> compared_figures(const PointResult& a, const PointResult& b) {
  std::vector<std::string> figures;
  for (const std::string& name : a.names()) {
    if (name.ends_with(".max") || name.contains(".targets.")) continue;
    if (std::ranges::find(b.names(), name) != b.names().end()) figures.push_back(name);
  }
  return figures;
}

}  // namespace headgate::sim
