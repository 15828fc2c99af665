#include "headgate/balance/weighted_round_robin.hpp"

#include <algorithm>
#include <numeric>

namespace headgate::balance {
namespace {

/// In lowest terms, and scaled to a round of at most about kSmoothTurnsMax turns.
std::vector<std::int64_t> turns_of(std::span<const std::uint32_t> weights) {
  std::vector<std::int64_t> turns(weights.begin(), weights.end());
  std::int64_t common = 0;
  for (const std::int64_t each : turns) common = std::gcd(common, each);
  for (std::int64_t& each : turns) each /= std::max<std::int64_t>(common, 1);
  const std::int64_t sum = std::accumulate(turns.begin(), turns.end(), std::int64_t{0});
  constexpr auto kMost = static_cast<std::int64_t>(kSmoothTurnsMax);
  if (sum <= kMost) return turns;
  for (std::int64_t& each : turns) {
    if (each > 0) each = std::max<std::int64_t>(1, (each * kMost + sum / 2) / sum);
  }
  return turns;
}

}  // namespace

std::vector<std::uint32_t> smooth_order(std::span<const std::uint32_t> weights) {
  const std::vector<std::int64_t> turns = turns_of(weights);
  const std::int64_t sum = std::accumulate(turns.begin(), turns.end(), std::int64_t{0});
  std::vector<std::int64_t> credits(turns.size());
  std::vector<std::uint32_t> order;
  order.reserve(static_cast<std::size_t>(sum));
  for (std::int64_t turn = 0; turn < sum; ++turn) {
    std::size_t best = turns.size();
    for (std::size_t i = 0; i < turns.size(); ++i) {
      if (turns[i] == 0) continue;
      credits[i] += turns[i];
      if (best == turns.size() || credits[i] > credits[best]) best = i;
    }
    credits[best] -= sum;
    order.push_back(static_cast<std::uint32_t>(best));
  }
  return order;
}

void WeightedRoundRobin::rebuild(std::span<const TargetInfo> infos) {
  std::vector<std::uint32_t> weights;
  for (const TargetInfo& info : infos) weights.push_back(info.weight);
  order_ = smooth_order(weights);
  next_ = order_.empty() ? 0 : next_ % order_.size();
}

}  // namespace headgate::balance
