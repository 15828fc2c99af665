#include "headgate/balance/rendezvous.hpp"

#include <algorithm>
#include <limits>

#include "headgate/balance/fixed_point.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::balance {

void Rendezvous::rebuild(std::span<const TargetInfo> infos) {
  seeds_.clear();
  weights_.clear();
  for (const TargetInfo& info : infos) {
    seeds_.push_back(mix64(info.id));
    weights_.push_back(info.weight);
  }
  equal_ = std::ranges::adjacent_find(weights_, std::not_equal_to<>{}) == weights_.end();
}

std::optional<std::size_t> Rendezvous::pick(std::span<const Target> targets, const Call& call,
                                            Random& /*random*/) noexcept {
  const std::uint64_t key = mix64(call.key);
  if (!equal_) return heaviest(targets, key);
  std::optional<std::size_t> best;
  std::uint64_t most = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const std::uint64_t score = mix64(key ^ seeds_[i]);
    if (!targets[i].available || (best && score <= most)) continue;
    best = i;
    most = score;
  }
  return best;
}

/// With weights: the least -log2(u) / weight. Hashes of one key never tie: mix64 is a bijection,
/// and so is the key's part in it.
std::optional<std::size_t> Rendezvous::heaviest(std::span<const Target> targets,
                                                std::uint64_t key) const noexcept {
  constexpr std::uint64_t kLogOfAll = std::uint64_t{64} << 32;
  static_assert(kLogOfAll < std::numeric_limits<std::uint64_t>::max() / kWeightMax);
  std::optional<std::size_t> best;
  std::uint64_t least = 0;   // -log2(u) of the best, Q32
  std::uint64_t weight = 0;  // of the best
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].available) continue;
    const std::uint64_t score = std::max<std::uint64_t>(mix64(key ^ seeds_[i]), 1);
    const std::uint64_t other = least * weights_[i];
    // Of n targets some log(n) come so near that their logarithm has to be known.
    if ((kLogOfAll - std::min(kLogOfAll, log2_at_most(score))) * weight > other) continue;
    const std::uint64_t log = kLogOfAll - log2_of(score);
    // log / weight < least / weight of the best; equal to the last bit: the lower seed, as the
    // order of the targets must not matter.
    if (best && (log * weight > other || (log * weight == other && seeds_[i] > seeds_[*best]))) {
      continue;
    }
    best = i;
    least = log;
    weight = weights_[i];
  }
  return best;
}

}  // namespace headgate::balance
