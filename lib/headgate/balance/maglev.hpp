// Maglev: consistent hashing by one look into a table, with shares that differ by at most one slot.
//
// Every target has its own order of preference of the table's slots, a walk by a step of its own
// through a prime number of them, and the targets take turns to take their next preferred slot that
// is free, until all are taken. Equal targets have equally many slots, to one; and because
// preferences depend on ids alone, a target that leaves frees its own slots and disturbs few others
// (below 1 % beyond the necessary with a hundred slots per target and more). A target of a greater
// weight has more turns.
//
// A key of an unavailable target is hashed again, so that its keys scatter over all the others.
//
// Source: D. Eisenbud et al., "Maglev: a fast and reliable software network load balancer", NSDI
// 2016, section 3.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::balance {

/// Where a target's walk through a table begins and how far each step goes: 0 <= offset < size,
/// 1 <= step < size.
struct MaglevWalk {
  std::uint64_t offset = 0;
  std::uint64_t step = 1;
  std::uint32_t weight = 1;
};

/// The table: for each slot an index into `walks`. Requires: `size` is a prime. O(size log size)
/// in the mean.
[[nodiscard]] std::vector<std::uint32_t> maglev_table(std::span<const MaglevWalk> walks,
                                                      std::uint64_t size);

[[nodiscard]] bool is_prime(std::uint64_t number) noexcept;

class Maglev {
 public:
  static constexpr std::int64_t kSizeDefault = 65'537;
  static constexpr std::int64_t kSizeMax = 5'000'011;

  /// Requires: `table_size` is a prime of at most kSizeMax.
  explicit Maglev(std::uint64_t table_size) noexcept : size_(table_size) {}

  void rebuild(std::span<const TargetInfo> infos);

  /// Draws nothing. O(1); a scan of the targets after sixteen unavailable ones.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& /*random*/) noexcept {
    if (targets.empty()) [[unlikely]]
      return std::nullopt;
    const std::size_t index = owner_of(call.key);
    if (targets[index].available) [[likely]]
      return index;
    return pick_heir(targets, call.key);
  }

 private:
  [[nodiscard]] std::optional<std::size_t> pick_heir(std::span<const Target> targets,
                                                     std::uint64_t key) const noexcept;
  /// One multiplication spreads keys that are no hashes over the table, and is half of mix64.
  [[nodiscard]] std::size_t owner_of(std::uint64_t key) const noexcept {
    constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;
    const auto slot = static_cast<std::size_t>((static_cast<Uint128>(key * kGolden) * size_) >> 64);
    return table_.empty() ? wide_table_[slot] : table_[slot];
  }

  std::uint64_t size_;
  // The owner of each slot, in two bytes if there are few enough targets: a table for thousands is
  // as large as the caches. One of the two is empty.
  std::vector<std::uint16_t> table_;
  std::vector<std::uint32_t> wide_table_;
};

static_assert(Policy<Maglev>);

}  // namespace headgate::balance
