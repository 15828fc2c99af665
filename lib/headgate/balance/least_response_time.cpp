#include "headgate/balance/least_response_time.hpp"

#include "headgate/core/wide.hpp"

namespace headgate::balance {

void LeastResponseTime::rebuild(std::span<const TargetInfo> infos) {
  latencies_.rebuild(infos);
  weights_.clear();
  for (const TargetInfo& info : infos) weights_.push_back(info.weight);
}

std::optional<std::size_t> LeastResponseTime::pick(std::span<const Target> targets,
                                                   const Call& call, Random& random) noexcept {
  std::optional<std::size_t> best;
  Uint128 least = 0;
  std::uint64_t equals = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].available) continue;
    const std::uint64_t load = latencies_.load(i, targets[i].in_flight, call.now);
    // load / weight < least / weight of the best, without dividing.
    const Uint128 ours = best ? static_cast<Uint128>(load) * weights_[*best] : 0;
    const Uint128 theirs = least * weights_[i];
    if (!best || ours < theirs) {
      best = i;
      least = load;
      equals = 1;
    } else if (ours == theirs && random.below(++equals) == 0) {
      best = i;  // the n-th of n equals with probability 1/n: each of them alike
      least = load;
    }
  }
  return best;
}

}  // namespace headgate::balance
