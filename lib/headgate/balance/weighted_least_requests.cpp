#include "headgate/balance/weighted_least_requests.hpp"

#include <algorithm>

#include "headgate/balance/fixed_point.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::balance {

WeightedLeastRequests::WeightedLeastRequests(double bias) {
  const auto exponent = in_units(bias, kOneQ32);
  for (std::size_t n = 0; n < shares_.size(); ++n) {
    const Uint128 log = static_cast<Uint128>(log2_of(n + 1)) * exponent >> 32;
    const std::uint64_t share = exp2_of_minus(static_cast<std::uint64_t>(log)) >> 8;
    shares_[n] = static_cast<std::uint32_t>(std::max<std::uint64_t>(share, 1));
  }
}

void WeightedLeastRequests::rebuild(std::span<const TargetInfo> infos) {
  credits_.rebuild(infos, 0);
  weights_.clear();
  for (const TargetInfo& info : infos) weights_.push_back(info.weight);
}

std::optional<std::size_t> WeightedLeastRequests::pick(std::span<const Target> targets, const Call&,
                                                       Random&) noexcept {
  std::optional<std::size_t> best;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].available) continue;
    const std::size_t in_flight = std::min<std::size_t>(targets[i].in_flight, kInFlightMax);
    const std::int64_t weight = static_cast<std::int64_t>(weights_[i]) * shares_[in_flight];
    sum += weight;
    credits_[i] += weight;
    if (!best || credits_[i] > credits_[*best]) best = i;
  }
  if (best) credits_[*best] -= sum;
  return best;
}

}  // namespace headgate::balance
