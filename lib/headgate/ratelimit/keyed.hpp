// One limiter state for each caller, in a table whose size is fixed when it is made.
//
// A slot is free when its state is fresh: the caller it stood for is then as good as one never
// seen. So there is no deletion, no tombstone and no sweeper, and the memory is what was asked for,
// however many callers come by.
//
// Slots lie in sets of eight whose keys fill one cache line. A key may be in either of two sets,
// and a new one goes to the set with more free slots. Two choices keep the sets level: the first
// caller to find no room comes when 7 to 8 slots in 10 are taken (79 % of 65'536), where with one
// choice it would be 2 in 10. What happens then is the overflow rule's to say, and is counted. A
// table of at most eight slots is one set, and overflows exactly when all of them are taken.
//
// Source: Y. Azar, A. Broder, A. Karlin, E. Upfal, "Balanced allocations", SIAM J. Comput. 29(1),
// 1999; buckets of several slots as in a cache.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

/// What a new caller meets when no slot is free for it.
enum class Overflow : std::uint8_t {
  kStealOldest,  ///< it takes the slot that would be free soonest; that caller is forgotten
  kAdmit,        ///< it passes, unlimited and unremembered
  kRefuse,       ///< it is refused until a slot is free
};

/// What a table has seen, for metrics. The last three only grow.
struct TableCounters {
  std::uint64_t capacity = 0;  ///< slots
  std::uint64_t live = 0;      ///< slots whose caller is not fresh
  std::uint64_t steals = 0;
  std::uint64_t overflow_admits = 0;
  std::uint64_t overflow_refusals = 0;
};

/// Memory: 16 to 24 bytes per slot, all taken by the constructor. Cost of a call: two cache misses.
template <Policy P>
class Keyed {
 public:
  struct Options {
    std::size_t max_keys = 65'536;  ///< slots; at least 1
    Overflow overflow = Overflow::kStealOldest;
  };

  Keyed(const P& policy, const Options& options)
      : policy_(policy),
        overflow_(options.overflow),
        capacity_(options.max_keys),
        sets_((options.max_keys + kWays - 1) / kWays) {
    HG_ASSERT(options.max_keys >= 1);
  }

  /// The policy's answer for the caller `key`, a hash of what identifies it. If the table has no
  /// room for a new caller, `reason` is kTableFull where the rule admits or refuses; `retry_after`
  /// of such a refusal is the time until the first slot that it could have is free.
  [[nodiscard]] Decision admit(std::uint64_t key, TimePoint now,
                               Tokens cost = {.count = 1}) noexcept {
    const std::array<std::size_t, 2> homes = homes_of(key);
    __builtin_prefetch(&sets_[homes[1]]);  // half of the keys live there; miss both lines at once
    for (const std::size_t home : homes) {
      Set& set = sets_[home];
      for (std::size_t way = 0; way < kWays; ++way) {
        // A free slot that still holds the key will do only if no live one does.
        if (set.keys[way] == key && !is_fresh(policy_, set.states[way], now)) {
          return policy_.admit(set.states[way], now, cost);
        }
      }
    }
    return admit_new(key, homes, now, cost);
  }

  /// Looks at every slot: for a metrics page, not for a hot path.
  [[nodiscard]] TableCounters counters(TimePoint now) const noexcept {
    TableCounters result = counters_;
    result.capacity = capacity_;
    for (std::size_t i = 0; i < sets_.size(); ++i) result.live += ways_of(i) - free_slots(i, now);
    return result;
  }

  [[nodiscard]] const P& policy() const noexcept { return policy_; }

 private:
  static constexpr std::size_t kWays = 8;

  struct alignas(64) Set {
    std::array<std::uint64_t, kWays> keys{};
    std::array<typename P::State, kWays> states{};
  };

  /// Slots of the set in use: all but the last set have eight, so that the table has max_keys.
  [[nodiscard]] std::size_t ways_of(std::size_t set) const noexcept {
    return std::min(kWays, capacity_ - set * kWays);
  }

  /// A set is as likely as it has slots: a uniform slot is drawn, then its set taken.
  [[nodiscard]] std::array<std::size_t, 2> homes_of(std::uint64_t key) const noexcept {
    const auto home = [this](std::uint64_t hash) {
      return static_cast<std::size_t>((static_cast<Uint128>(hash) * capacity_) >> 64) / kWays;
    };
    return {home(key), home(mix64(key))};
  }

  [[nodiscard]] std::size_t free_slots(std::size_t set, TimePoint now) const noexcept {
    std::size_t count = 0;
    for (std::size_t way = 0; way < ways_of(set); ++way) {
      count += is_fresh(policy_, sets_[set].states[way], now) ? 1U : 0U;
    }
    return count;
  }

  /// The slot of `set` that is, or will be, free before the others.
  [[nodiscard]] std::size_t oldest_way(std::size_t set) const noexcept {
    std::size_t oldest = 0;
    for (std::size_t way = 1; way < ways_of(set); ++way) {
      const auto& states = sets_[set].states;
      if (policy_.fresh_at(states[way]) < policy_.fresh_at(states[oldest])) oldest = way;
    }
    return oldest;
  }

  [[nodiscard]] Decision admit_new(std::uint64_t key, const std::array<std::size_t, 2>& homes,
                                   TimePoint now, Tokens cost) noexcept {
    typename P::State state{};
    const Decision decision = policy_.admit(state, now, cost);
    if (!decision.admitted) return decision;  // it spends nothing, so there is nothing to remember
    const std::size_t roomier =
        free_slots(homes[0], now) >= free_slots(homes[1], now) ? homes[0] : homes[1];
    const std::size_t other = roomier == homes[0] ? homes[1] : homes[0];
    std::size_t set = roomier;
    std::size_t way = oldest_way(set);
    if (!is_fresh(policy_, sets_[set].states[way], now)) {
      const std::size_t other_way = oldest_way(other);
      if (policy_.fresh_at(sets_[other].states[other_way]) <
          policy_.fresh_at(sets_[set].states[way])) {
        set = other;
        way = other_way;
      }
      if (overflow_ != Overflow::kStealOldest) {
        return overflowed(decision, policy_.fresh_at(sets_[set].states[way]) - now);
      }
      ++counters_.steals;
    }
    sets_[set].keys[way] = key;
    sets_[set].states[way] = state;
    return decision;
  }

  [[nodiscard]] Decision overflowed(const Decision& as_fresh, Duration wait) noexcept {
    Decision decision = as_fresh;
    decision.reason = Reason::kTableFull;
    if (overflow_ == Overflow::kAdmit) {
      ++counters_.overflow_admits;
      return decision;
    }
    ++counters_.overflow_refusals;
    return {.admitted = false,
            .reason = Reason::kTableFull,
            .remaining = {0},
            .retry_after = wait,
            .reset_after = wait};
  }

  P policy_;
  Overflow overflow_;
  std::size_t capacity_;
  std::vector<Set> sets_;
  TableCounters counters_;  // capacity and live are filled in by counters()
};

}  // namespace headgate::ratelimit
