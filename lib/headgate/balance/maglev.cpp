#include "headgate/balance/maglev.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "headgate/balance/available.hpp"
#include "headgate/balance/by_id.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::balance {
namespace {

constexpr int kTriesMax = 15;  // after the first
constexpr std::uint32_t kFree = ~std::uint32_t{0};

/// How far one target has come.
struct Taker {
  std::uint64_t place;
  std::uint64_t credit = 0;  // of turns, in units of the greatest weight
};

}  // namespace

bool is_prime(std::uint64_t number) noexcept {
  if (number < 2) return false;
  for (std::uint64_t factor = 2; factor * factor <= number; ++factor) {
    if (number % factor == 0) return false;
  }
  return true;
}

std::vector<std::uint32_t> maglev_table(std::span<const MaglevWalk> walks, std::uint64_t size) {
  std::vector<std::uint32_t> table(walks.empty() ? 0 : size, kFree);
  std::vector<Taker> takers;
  takers.reserve(walks.size());
  std::uint64_t heaviest = 1;
  for (const MaglevWalk& walk : walks) {
    takers.push_back({.place = walk.offset});
    heaviest = std::max<std::uint64_t>(heaviest, walk.weight);
  }
  for (std::uint64_t taken = 0; taken < table.size();) {
    for (std::uint32_t i = 0; i < takers.size() && taken < table.size(); ++i) {
      Taker& taker = takers[i];
      taker.credit += walks[i].weight;
      if (taker.credit < heaviest) continue;
      taker.credit -= heaviest;
      while (table[taker.place] != kFree) taker.place = (taker.place + walks[i].step) % size;
      table[taker.place] = i;
      ++taken;
    }
  }
  return table;
}

void Maglev::rebuild(std::span<const TargetInfo> infos) {
  const std::vector<std::uint32_t> order = order_by_id(infos);
  std::vector<MaglevWalk> walks;
  walks.reserve(order.size());
  for (const std::uint32_t index : order) {
    walks.push_back({.offset = combine64(infos[index].id, 0) % size_,
                     .step = size_ <= 2 ? 1 : combine64(infos[index].id, 1) % (size_ - 1) + 1,
                     .weight = infos[index].weight});
  }
  std::vector<std::uint32_t> table = maglev_table(walks, size_);
  for (std::uint32_t& slot : table) slot = order[slot];
  table_.clear();
  wide_table_.clear();
  if (infos.size() > std::numeric_limits<std::uint16_t>::max()) {
    wide_table_ = std::move(table);
  } else {
    table_.assign(table.begin(), table.end());
  }
}

/// For a key whose target is not available: a target of its own, which stays while it is there.
std::optional<std::size_t> Maglev::pick_heir(std::span<const Target> targets,
                                             std::uint64_t key) const noexcept {
  for (int tried = 0; tried < kTriesMax; ++tried) {
    key = combine64(key, static_cast<std::uint64_t>(tried));
    const std::size_t index = owner_of(key);
    if (targets[index].available) return index;
  }
  // Nearly all are gone: spread their keys over those that are left.
  const std::size_t left = available_count(targets);
  if (left == 0) return std::nullopt;
  return nth_available(targets, mix64(key) % left);
}

}  // namespace headgate::balance
