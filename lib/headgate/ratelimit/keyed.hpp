// One limiter state for each caller, in a table whose size is fixed when it is made.
//
// A slot is free when its state is fresh: the caller it stood for is then as good as one never
// seen, though it has its slot again if it comes before another has taken it. So there is no
// deletion, no tombstone and no sweeper, and the memory is what was asked for, however many callers
// come by.
//
// Slots lie in sets of eight whose keys fill one cache line. A key may be in either of two sets,
// and a new one goes to the set with more free slots. Two choices keep the sets level: the first
// caller to find no room comes when 7 to 8 slots in 10 are taken, where with one choice it would be
// 2 in 10. What happens then is the overflow rule's to say, and is counted. A table of at most
// eight slots is one set, and overflows exactly when all of them are taken.
//
// Sets are grouped into shards, and both sets of a key lie in one. With Sharing::kMulti each shard
// has a spin lock, held for one decision: any algorithm is safe from several threads, and decides
// what it would decide alone, as the very same code runs in the same table without the locks.
//
// Source: Y. Azar, A. Broder, A. Karlin, E. Upfal, "Balanced allocations", SIAM J. Comput. 29(1),
// 1999; buckets of several slots as in a cache.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/spin_lock.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/core/zeroed.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/match.hpp"
#include "headgate/ratelimit/slot.hpp"

namespace headgate::ratelimit {

/// What a new caller meets when no slot is free for it.
enum class Overflow : std::uint8_t {
  kStealOldest,  ///< it takes the slot that would be free soonest; that caller is forgotten
  kAdmit,        ///< it passes, unlimited and unremembered
  kRefuse,       ///< it is refused until a slot is free
};

/// Who calls: the simulator's one thread, or the workers of a gateway.
enum class Sharing : std::uint8_t { kSingle, kMulti };

/// What a table has seen, for metrics. The last three only grow.
struct TableCounters {
  std::uint64_t capacity = 0;  ///< slots
  std::uint64_t live = 0;      ///< slots whose caller is not fresh
  std::uint64_t steals = 0;
  std::uint64_t overflow_admits = 0;
  std::uint64_t overflow_refusals = 0;
};

/// Memory: 8 bytes, a state and a log per slot, rounded up to sets of eight; address space at the
/// start, memory as callers come. Cost of a call: two cache misses, at once. No allocation.
template <AnyPolicy P>
class Keyed {
 public:
  struct Options {
    std::size_t max_keys = 65'536;  ///< slots; at least 1
    Overflow overflow = Overflow::kStealOldest;
    Sharing sharing = Sharing::kSingle;
  };

  Keyed(const P& policy, const Options& options)
      : policy_(policy),
        overflow_(options.overflow),
        multi_(options.sharing == Sharing::kMulti),
        capacity_(options.max_keys),
        shard_bits_(shard_bits(options.max_keys)),
        sets_((options.max_keys + kWays - 1) / kWays),
        logs_(log_size_of(policy) * sets_.size() * kWays),
        ranges_(std::make_unique<Range[]>(std::size_t{1} << shard_bits_)),
        shards_(std::make_unique<Shard[]>(std::size_t{1} << shard_bits_)) {
    HG_ASSERT(options.max_keys >= 1);
    for (std::size_t shard = 0; shard >> shard_bits_ == 0; ++shard) {
      const std::size_t first = first_slot(shard);
      ranges_[shard] = {.first = first, .slots = first_slot(shard + 1) - first};
    }
  }

  /// The policy's answer for the caller `key`, a hash of what identifies it. If the table has no
  /// room for a new caller, `reason` is kTableFull where the rule admits or refuses; `retry_after`
  /// of such a refusal is the time until the first slot that it could have is free.
  [[nodiscard, gnu::always_inline]] Decision admit(std::uint64_t key, TimePoint now,
                                                   Tokens cost = {.count = 1}) noexcept {
    const Homes homes = homes_of(key);
    fetch(homes);
    const Guard guard{*this, homes.shard};
    if (const std::size_t place = find(homes); place != kNone) return slot(place).admit(now, cost);
    return admit_new(homes, now, cost);
  }

  /// What admit() would answer now; changes nothing.
  [[nodiscard]] Decision peek(std::uint64_t key, TimePoint now,
                              Tokens cost = {.count = 1}) noexcept {
    const Homes homes = homes_of(key);
    const Guard guard{*this, homes.shard};
    if (const std::size_t place = find(homes); place != kNone) return slot(place).peek(now, cost);
    const Decision fresh = fresh_answer(now, cost);
    const std::size_t place = place_for_new(homes, now);
    if (!fresh.admitted || overflow_ == Overflow::kStealOldest || slot(place).is_fresh(now)) {
      return fresh;
    }
    return overflowed(fresh, slot(place).fresh_at() - now);
  }

  /// Fetches what a decision on `key` will look at. One of many callers costs a miss of memory, so
  /// who has several to ask asks for all first.
  [[gnu::always_inline]] void prefetch(std::uint64_t key) const noexcept { fetch(homes_of(key)); }

  /// A decision in two steps, for who must hear others before it counts. hold() finds the slot of a
  /// caller that admit() would admit, and keeps its shard locked; one commit() or release() has to
  /// follow soon. It does not wait, so nobody can wait for each other: kNotHeld if the lock is
  /// taken, if the caller is new here, or if it would be refused. Then ask peek() and admit().
  [[nodiscard, gnu::always_inline]] std::size_t hold(std::uint64_t key, TimePoint now,
                                                     Tokens cost) noexcept {
    const Homes homes = homes_of(key);
    SpinLock* const lock = lock_of(homes.shard);
    if (lock != nullptr && !lock->try_lock()) return kNotHeld;
    const std::size_t place = find(homes);
    if (place != kNone && slot(place).peek(now, cost).admitted) return place;
    if (lock != nullptr) lock->unlock();
    return kNotHeld;
  }
  /// What admit() answers for the slot held; and holds it no more.
  [[nodiscard, gnu::always_inline]] Decision commit(std::uint64_t key, std::size_t held,
                                                    TimePoint now, Tokens cost) noexcept {
    const Decision decision = slot(held).admit(now, cost);
    release(key);
    return decision;
  }
  void release(std::uint64_t key) noexcept {
    if (SpinLock* const lock = lock_of(shard_of(key)); lock != nullptr) lock->unlock();
  }

  /// Gives back what an admit() of `cost` has spent; nothing if the caller is forgotten.
  void refund(std::uint64_t key, TimePoint now, Tokens cost = {.count = 1}) noexcept {
    const Homes homes = homes_of(key);
    const Guard guard{*this, homes.shard};
    if (const std::size_t place = find(homes); place != kNone) slot(place).refund(now, cost);
  }

  /// Looks at every slot, a shard at a time: for a metrics page, not for a hot path.
  [[nodiscard]] TableCounters counters(TimePoint now) noexcept {
    TableCounters sum{.capacity = capacity_};
    for (std::size_t shard = 0; shard >> shard_bits_ == 0; ++shard) {
      const Guard guard{*this, shard};
      for (std::size_t i = 0; i < ranges_[shard].slots; ++i) {
        sum.live += slot(ranges_[shard].first + i).is_fresh(now) ? 0U : 1U;
      }
      sum.steals += shards_[shard].steals;
      sum.overflow_admits += shards_[shard].overflow_admits;
      sum.overflow_refusals += shards_[shard].overflow_refusals;
    }
    return sum;
  }

  [[nodiscard]] const P& policy() const noexcept { return policy_; }
  /// Of the slots, when all are used.
  [[nodiscard]] std::size_t bytes() const noexcept { return sets_.size() * sizeof(Set); }

 private:
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kNone = ~std::size_t{0};
  static constexpr std::size_t kShardsMax = 256;
  static constexpr std::uint64_t kForZero = std::uint64_t{1} << 63;
  static constexpr std::uint64_t kOther = 0x9e3779b97f4a7c15;  // leads to a key's second set
  static constexpr std::size_t kShardSlotsMin = 4'096;         // fewer would fill unevenly

  struct alignas(64) Set {
    std::array<std::uint64_t, kWays> keys;
    std::array<typename P::State, kWays> states;
  };
  struct Range {
    std::size_t first;
    std::size_t slots;
  };
  struct alignas(64) Shard {
    SpinLock lock;
    std::uint64_t steals = 0;  // these three are guarded by lock
    std::uint64_t overflow_admits = 0;
    std::uint64_t overflow_refusals = 0;
  };
  struct Homes {
    std::uint64_t key;  // not 0, which is the key of a slot never taken
    std::size_t shard;
    std::array<std::size_t, 2> sets;
  };
  class Guard {
   public:
    Guard(Keyed& table, std::size_t shard) noexcept : lock_(table.lock_of(shard)) {
      if (lock_ != nullptr) lock_->lock();
    }
    ~Guard() {
      if (lock_ != nullptr) lock_->unlock();
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;

   private:
    SpinLock* lock_;
  };

  [[nodiscard]] static unsigned shard_bits(std::size_t slots) noexcept {
    const std::size_t shards = std::clamp<std::size_t>(slots / kShardSlotsMin, 1, kShardsMax);
    return static_cast<unsigned>(std::bit_width(shards)) - 1;
  }

  /// None if one thread alone asks.
  [[nodiscard]] SpinLock* lock_of(std::size_t shard) noexcept {
    return multi_ ? &shards_[shard].lock : nullptr;
  }
  [[nodiscard]] std::size_t shard_of(std::uint64_t key) const noexcept {
    return static_cast<std::size_t>(key) & ((std::size_t{1} << shard_bits_) - 1);
  }
  /// Shards begin at whole sets.
  [[nodiscard]] std::size_t first_slot(std::size_t shard) const noexcept {
    return std::min(capacity_, (sets_.size() * shard >> shard_bits_) * kWays);
  }
  /// Slots of the set in use: all but the last set have eight, so that the table has max_keys.
  [[nodiscard]] std::size_t ways_of(std::size_t set) const noexcept {
    return std::min(kWays, capacity_ - set * kWays);
  }
  [[nodiscard]] Slot<P> slot(std::size_t place) noexcept {
    const std::size_t log = log_size_of(policy_);
    return {.policy = policy_,
            .state = sets_[place / kWays].states[place % kWays],
            .log = logs_.subspan(place * log, log)};
  }

  /// A set is as likely as it has slots: a uniform slot is drawn, then its set taken.
  [[nodiscard]] Homes homes_of(std::uint64_t key) const noexcept {
    const std::size_t shard = shard_of(key);
    const Range& own = ranges_[shard];
    const auto home = [&](std::uint64_t hash) {
      const auto nth = static_cast<std::size_t>((static_cast<Uint128>(hash) * own.slots) >> 64);
      return (own.first + nth) / kWays;
    };
    if (key == 0) [[unlikely]]
      key = kForZero;  // of the same shard
    return {.key = key, .shard = shard, .sets = {home(key), home(key * kOther)}};
  }

  /// Either set may hold the key: miss all their lines at once, before the lock is asked for.
  void fetch(const Homes& homes) const noexcept {
    for (const std::size_t home : homes.sets) {
      __builtin_prefetch(&sets_[home].keys);
      __builtin_prefetch(&sets_[home].states, 1);
    }
  }

  /// The slot that has the key, fresh or not, or kNone. There is never a second one: a caller gets
  /// a slot only when it has none.
  [[nodiscard, gnu::always_inline]] std::size_t find(const Homes& homes) const noexcept {
    const auto [first, second] = homes.sets;
    for (std::uint32_t alike = alike_of_sixteen(sets_[first].keys, sets_[second].keys, homes.key);
         alike != 0; alike &= alike - 1) {
      const auto way = static_cast<std::size_t>(std::countr_zero(alike));
      const std::size_t home = first ^ ((first ^ second) & (std::size_t{0} - way / kWays));
      if (sets_[home].keys[way % kWays] == homes.key) return home * kWays + way % kWays;
    }
    return kNone;
  }

  [[nodiscard]] std::size_t free_slots(std::size_t set, TimePoint now) noexcept {
    std::size_t count = 0;
    for (std::size_t way = 0; way < ways_of(set); ++way) {
      count += slot(set * kWays + way).is_fresh(now) ? 1U : 0U;
    }
    return count;
  }

  /// The slot of `set` that is, or will be, free before the others.
  [[nodiscard]] std::size_t oldest_of(std::size_t set) noexcept {
    std::size_t oldest = set * kWays;
    TimePoint oldest_at = slot(oldest).fresh_at();
    for (std::size_t way = 1; way < ways_of(set); ++way) {
      const TimePoint at = slot(set * kWays + way).fresh_at();
      if (at < oldest_at) {
        oldest = set * kWays + way;
        oldest_at = at;
      }
    }
    return oldest;
  }

  /// The slot for a caller that has none: a free one of the set with more of them, or, if there is
  /// none, the one that will be free first.
  [[nodiscard]] std::size_t place_for_new(const Homes& homes, TimePoint now) noexcept {
    const auto [first, second] = homes.sets;
    const bool swap = free_slots(first, now) < free_slots(second, now);
    const std::size_t place = oldest_of(swap ? second : first);
    if (slot(place).is_fresh(now)) return place;
    const std::size_t other = oldest_of(swap ? first : second);
    return slot(other).fresh_at() < slot(place).fresh_at() ? other : place;
  }

  [[nodiscard]] Decision fresh_answer(TimePoint now, Tokens cost) const noexcept {
    if constexpr (LogPolicy<P>) {
      // An empty log is never read, but its length is part of the contract.
      return policy_.peek({}, logs_.subspan(0, policy_.log_size()), now, cost);
    } else {
      return policy_.peek({}, now, cost);
    }
  }

  [[nodiscard]] Decision admit_new(const Homes& homes, TimePoint now, Tokens cost) noexcept {
    const Decision decision = fresh_answer(now, cost);
    if (!decision.admitted) return decision;  // it spends nothing, so there is nothing to remember
    const std::size_t place = place_for_new(homes, now);
    const Slot<P> taken = slot(place);
    if (!taken.is_fresh(now)) {
      if (overflow_ != Overflow::kStealOldest) {
        Shard& shard = shards_[homes.shard];
        ++(overflow_ == Overflow::kAdmit ? shard.overflow_admits : shard.overflow_refusals);
        return overflowed(decision, taken.fresh_at() - now);
      }
      ++shards_[homes.shard].steals;
    }
    sets_[place / kWays].keys[place % kWays] = homes.key;
    taken.state = {};
    return taken.admit(now, cost);
  }

  [[nodiscard]] Decision overflowed(const Decision& as_fresh, Duration wait) const noexcept {
    if (overflow_ == Overflow::kAdmit) {
      Decision decision = as_fresh;
      decision.reason = Reason::kTableFull;
      decision.delay = Duration::zero();  // unremembered, it has nobody to wait for
      return decision;
    }
    return {.admitted = false,
            .reason = Reason::kTableFull,
            .remaining = {0},
            .retry_after = wait,
            .reset_after = wait};
  }

  P policy_;
  Overflow overflow_;
  bool multi_;
  std::size_t capacity_;
  unsigned shard_bits_;
  ZeroedArray<Set> sets_;            // of a shard, guarded by its lock; so are the logs
  ZeroedArray<TimePoint> logs_;      // log_size for each slot
  std::unique_ptr<Range[]> ranges_;  // of the shards' slots; apart, as nobody writes there
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace headgate::ratelimit
