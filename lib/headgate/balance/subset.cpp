#include "headgate/balance/subset.hpp"

#include <algorithm>

#include "headgate/balance/by_id.hpp"
#include "headgate/balance/draw.hpp"

namespace headgate::balance {

void Subset::rebuild(std::span<const TargetInfo> infos) {
  order_ = order_by_id(infos);
  // In these units the circle has targets * clients of them, a target `clients`, and gateways are
  // `targets` apart.
  const std::uint64_t targets = order_.size();
  const std::uint64_t clients = options_.clients;
  begin_ = targets * options_.client;
  const std::uint64_t wanted = std::min<std::uint64_t>(options_.size, targets) * clients;
  length_ = targets == 0 ? 0 : (wanted + targets - 1) / targets * targets;
}

std::size_t Subset::draw(Random& random) const noexcept {
  const std::uint64_t place = begin_ + random.below(length_);
  return order_[place / options_.clients % order_.size()];
}

std::optional<std::size_t> Subset::pick(std::span<const Target> targets, const Call& /*call*/,
                                        Random& random) noexcept {
  constexpr int kDrawsMax = 8;
  if (order_.empty()) return std::nullopt;
  std::optional<std::size_t> alone;
  for (int tried = 0; tried < kDrawsMax; ++tried) {
    const std::size_t first = draw(random);
    const std::size_t second = draw(random);
    const bool both = targets[first].available && targets[second].available;
    if (both && first != second) {
      return targets[second].in_flight < targets[first].in_flight ? second : first;
    }
    if (!alone && targets[first].available) alone = first;
    if (!alone && targets[second].available) alone = second;
  }
  if (alone) return alone;
  return best_of(targets, 2, random, [&](std::size_t a, std::size_t b) {
    return targets[a].in_flight < targets[b].in_flight;
  });
}

std::vector<std::uint64_t> Subset::parts() const {
  std::vector<std::uint64_t> parts(order_.size());
  for (std::uint64_t place = begin_; place < begin_ + length_; ++place) {
    ++parts[order_[place / options_.clients % order_.size()]];
  }
  return parts;
}

}  // namespace headgate::balance
