#include "headgate/balance/least_requests.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace headgate::balance {
namespace {

constexpr std::uint64_t kNobody = ~std::uint64_t{0};

/// What a target is compared by. In 64 bits "unavailable" is more than any count.
std::uint64_t rank_of(const Target& target) noexcept {
  return target.in_flight | static_cast<std::uint64_t>(!target.available) << 32;
}

/// Four minima side by side, so that the comparisons do not wait for each other.
std::uint64_t least_rank(std::span<const Target> targets) noexcept {
  std::array<std::uint64_t, 4> least{kNobody, kNobody, kNobody, kNobody};
  std::size_t i = 0;
  for (; i + 4 <= targets.size(); i += 4) {
    for (std::size_t lane = 0; lane < 4; ++lane) {
      least[lane] = std::min(least[lane], rank_of(targets[i + lane]));
    }
  }
  for (; i < targets.size(); ++i) least[0] = std::min(least[0], rank_of(targets[i]));
  return std::min(std::min(least[0], least[1]), std::min(least[2], least[3]));
}

}  // namespace

std::optional<std::size_t> LeastRequests::pick(std::span<const Target> targets, const Call&,
                                               Random& random) noexcept {
  const std::uint64_t least = least_rank(targets);
  if (least >> 32 != 0) return std::nullopt;
  std::size_t equals = 0;
  for (const Target& target : targets) equals += rank_of(target) == least ? 1U : 0U;
  std::size_t skip = equals > 1 ? random.below(equals) : 0;
  std::size_t index = 0;
  while (rank_of(targets[index]) != least || skip-- > 0) ++index;
  return index;
}

}  // namespace headgate::balance
