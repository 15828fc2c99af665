#include "headgate/balance/least_requests.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace headgate::balance {
namespace {

// The scan goes through four targets at a time. A target is compared by its count, and an
// unavailable one by kNobody, which is more than any count that a host can have.
constexpr std::uint32_t kNobody = ~std::uint32_t{0};
constexpr std::size_t kLanes = 4;
using Lanes [[gnu::vector_size(16)]] = std::uint32_t;

static_assert(sizeof(Target) == 8 && offsetof(Target, in_flight) == 0 &&
              offsetof(Target, available) == 4);
// Where `available` stands in its half of a target; the rest is padding.
constexpr std::uint32_t kFlag = std::endian::native == std::endian::little ? 0xff : 0xff00'0000;

Lanes keys_of(const Target* four) noexcept {
  Lanes low;
  Lanes high;
  std::memcpy(&low, four, sizeof low);
  std::memcpy(&high, four + 2, sizeof high);
  const Lanes counts = __builtin_shufflevector(low, high, 0, 2, 4, 6);
  const Lanes flags = __builtin_shufflevector(low, high, 1, 3, 5, 7) & kFlag;
  return flags == 0 ? counts | kNobody : counts;
}

std::uint32_t key_of(const Target& target) noexcept {
  return target.available ? target.in_flight : kNobody;
}

std::uint32_t least_key(std::span<const Target> targets) noexcept {
  Lanes lanes{kNobody, kNobody, kNobody, kNobody};
  std::size_t i = 0;
  for (; i + kLanes <= targets.size(); i += kLanes) {
    const Lanes keys = keys_of(&targets[i]);
    lanes = keys < lanes ? keys : lanes;
  }
  std::uint32_t least = kNobody;
  for (std::size_t lane = 0; lane < kLanes; ++lane) least = std::min(least, lanes[lane]);
  for (; i < targets.size(); ++i) least = std::min(least, key_of(targets[i]));
  return least;
}

std::size_t count_of(std::span<const Target> targets, std::uint32_t key) noexcept {
  Lanes equal{};
  std::size_t i = 0;
  for (; i + kLanes <= targets.size(); i += kLanes) {
    equal += keys_of(&targets[i]) == key ? Lanes{1, 1, 1, 1} : Lanes{};
  }
  std::size_t count = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) count += equal[lane];
  for (; i < targets.size(); ++i) count += key_of(targets[i]) == key ? 1U : 0U;
  return count;
}

/// The index of the target with this key that has `rank` such before it. Requires: there is one.
std::size_t nth_of(std::span<const Target> targets, std::uint32_t key, std::size_t rank) noexcept {
  constexpr std::size_t kBlock = 64;
  std::size_t index = 0;
  for (; index + kBlock <= targets.size(); index += kBlock) {
    const std::size_t count = count_of(targets.subspan(index, kBlock), key);
    if (rank < count) break;
    rank -= count;
  }
  while (key_of(targets[index]) != key || rank-- > 0) ++index;
  return index;
}

}  // namespace

std::optional<std::size_t> LeastRequests::pick(std::span<const Target> targets, const Call&,
                                               Random& random) noexcept {
  const std::uint32_t least = least_key(targets);
  if (least == kNobody) return std::nullopt;
  const std::size_t equals = count_of(targets, least);
  return nth_of(targets, least, equals > 1 ? random.below(equals) : 0);
}

}  // namespace headgate::balance
