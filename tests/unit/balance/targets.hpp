// Small helpers of the balancers' tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::balance {

inline std::vector<Target> idle(std::size_t count) { return std::vector<Target>(count); }

inline std::vector<Target> loaded(std::initializer_list<std::uint32_t> in_flight) {
  std::vector<Target> targets;
  for (const std::uint32_t count : in_flight) targets.push_back({.in_flight = count});
  return targets;
}

/// Ids 1, 2, 3, … with these weights.
inline std::vector<TargetInfo> weighted(std::initializer_list<std::uint32_t> weights) {
  std::vector<TargetInfo> infos;
  for (const std::uint32_t weight : weights)
    infos.push_back({.id = infos.size() + 1, .weight = weight});
  return infos;
}

/// Targets of weight 1 with these ids.
inline std::vector<TargetInfo> named(std::initializer_list<std::uint64_t> ids) {
  std::vector<TargetInfo> infos;
  for (const std::uint64_t id : ids) infos.push_back({.id = id});
  return infos;
}

/// `count` targets with ids that are hashes, as real ones.
inline std::vector<TargetInfo> many(std::size_t count, std::uint32_t weight = 1) {
  std::vector<TargetInfo> infos;
  for (std::size_t i = 0; i < count; ++i) infos.push_back({.id = mix64(i + 77), .weight = weight});
  return infos;
}

/// Keys as the gateway makes them.
inline std::uint64_t key_of(std::uint64_t number) { return mix64(number * 7 + 1); }

/// Pearson's statistic of `counts` against expected shares, which sum to 1.
inline double chi_square(std::span<const int> counts, std::span<const double> shares) {
  double total = 0;
  for (const int count : counts) total += count;
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = total * shares[i];
    if (expected > 0) sum += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  return sum;
}

}  // namespace headgate::balance
