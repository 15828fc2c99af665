// The heart of a simulation: a clock in integer nanoseconds and the events that are still to come.
//
// Events come out ordered by (time, sequence): two that fall on one nanosecond happen in the order
// in which they were scheduled. That order is total, so a run is a function of its inputs alone and
// no detail of the queue can show in a result.
//
// The queue (key_queue.hpp) holds 16-byte keys only (time, sequence, slot in one 128-bit integer,
// compared in two instructions); what an event carries lies still in a slab of 8 bytes each and is
// copied out once: 24 bytes a pending event. Cancelling is O(1): the slot is marked and its key is
// skipped when it comes up; when marked keys are more than half of the queue they are swept out.
//
// Timeouts come by the million, all of one length, and almost all are cancelled. Those of one
// length come due in the order in which they were set, so each length has a *lane*: a ring that
// needs no sorting, with one key in the queue, which is its head's or was. Setting and cancelling
// one are some five instructions each, and the queue stays as small as it would be without them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "headgate/core/check.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/sim/key_queue.hpp"

namespace headgate::sim {

/// Bounds of one engine, asserted: events pending at once outside of lanes, lanes, and events
/// scheduled in all.
inline constexpr std::uint32_t kLanesMax = 4096;
inline constexpr std::uint64_t kPendingMax = (std::uint64_t{1} << 24) - kLanesMax;
inline constexpr std::uint64_t kSequenceMax = std::uint64_t{1} << 40;

/// What an event carries: a `kind` of one byte to switch on, below 254, and an `index`.
template <class E>
concept SmallEvent = std::is_trivially_copyable_v<E> && sizeof(E::kind) == 1 &&
                     std::is_same_v<decltype(E::index), std::uint32_t>;

template <SmallEvent Event>
class Engine {
 public:
  /// Names one scheduled event for as long as it is pending. A stale one is recognised, unless
  /// millions of events have used its slot since.
  struct Handle {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;  ///< 0 with slot 0 names no event
  };
  /// Timeouts of one length; see lane().
  enum class Lane : std::uint32_t {};

  /// The time of the latest event that came out; the start of the timeline before the first.
  [[nodiscard]] TimePoint now() const noexcept { return now_; }

  /// Events still to come, not counting cancelled ones.
  [[nodiscard]] std::size_t pending() const noexcept {
    return queue_.size() - cancelled_ - lane_keys_ + lane_live_;
  }

  /// Adds an event. Requires: at >= now(). O(log pending), amortised no allocation.
  [[gnu::always_inline]] Handle schedule(TimePoint at, const Event& event) {
    HG_ASSERT(at >= now_);
    const std::uint32_t slot = take_slot(event);
    queue_.push(key_of(at, next_sequence(), slot));
    return {slot, slots_[slot].mark >> 8};
  }

  /// The lane of timeouts that come due `wait` after they are set. Lanes stay; there are at most
  /// kLanesMax.
  [[nodiscard]] Lane lane(Duration wait) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i].wait == wait) return Lane{static_cast<std::uint32_t>(i)};
    }
    HG_ASSERT(lanes_.size() < kLanesMax && wait >= Duration::zero());
    lanes_.push_back({.wait = wait});
    return Lane{static_cast<std::uint32_t>(lanes_.size() - 1)};
  }

  /// The same as schedule(now() + the lane's wait, event). O(1), amortised no allocation.
  Handle schedule(Lane lane, const Event& event) {
    const auto number = static_cast<std::uint32_t>(lane);
    LaneQueue& queue = lanes_[number];
    if (queue.end - queue.first == queue.ring.size()) grow(queue);
    const TimePoint at = now_ + queue.wait;
    const std::uint64_t sequence = next_sequence();
    queue.at(queue.end) = {.time_ns = at.time_since_epoch().count(),
                           .sequence = sequence << 8 | static_cast<std::uint8_t>(event.kind),
                           .index = event.index};
    ++lane_live_;
    ++queue.end;
    if (!queue.shown) show_head(number);
    return {kFirstLane + number, static_cast<std::uint32_t>(queue.end - 1)};
  }

  /// Takes back an event. Returns false, and does nothing, if it has come out or was cancelled.
  /// O(1) amortised.
  bool cancel(Handle handle) noexcept {
    if (handle.slot >= kFirstLane) return cancel_in_lane(handle);
    if (handle.slot >= slots_.size()) return false;
    Slot& slot = slots_[handle.slot];
    if (slot.mark >> 8 != handle.generation || (slot.mark & 0xff) >= kCancelled) return false;
    slot.mark |= 0xff;
    slot.mark ^= 0xff ^ kCancelled;
    ++cancelled_;
    if (cancelled_ >= kSweepMin && 2 * cancelled_ > queue_.size()) sweep();
    return true;
  }

  /// The next event, or nothing when none is pending; the clock moves to its time.
  [[nodiscard, gnu::always_inline]] std::optional<Event> next() noexcept {
    // Slots of a large slab are far from the cache. Loads that nothing waits for bring them near
    // all at once; prefetches do not: where the page is not in the TLB either, they are dropped.
    const auto touch = [this](Key soon) {
      if (slot_of(soon) < slots_.size()) asm volatile("" : : "r"(slots_[slot_of(soon)].mark));
    };
    while (queue_.ready(touch)) {
      const Key key = queue_.take();
      const std::uint32_t number = slot_of(key);
      if (number >= kFirstLane) {
        if (const auto event = pop_lane(number - kFirstLane, key)) return event;
        continue;
      }
      const Slot slot = slots_[number];
      free_slot(number);
      if ((slot.mark & 0xff) == kCancelled) {
        --cancelled_;
        continue;
      }
      now_ = time_of(key);
      return event_of(slot.mark & 0xff, slot.index);
    }
    return std::nullopt;
  }

 private:
  using Key = KeyQueue::Key;  // time in ns << 64 | sequence << 24 | slot, or lane

  struct Slot {
    std::uint32_t index;  // of the event, or the next free slot
    std::uint32_t mark;   // generation (24 bits, never 0) << 8 | kind, kCancelled or kFree
  };
  struct LaneEntry {
    std::int64_t time_ns = 0;
    std::uint64_t sequence = 0;  // << 8 | kind or kCancelled
    std::uint32_t index = 0;
  };
  struct LaneQueue {
    Duration wait{};
    std::vector<LaneEntry> ring = {};  // its size is 0 or a power of two
    std::uint64_t first = 0;  // entries are counted from the start of the run; this one lives
    std::uint64_t end = 0;
    bool shown = false;  // has a key in the queue, of its first entry or one that was before it
    [[nodiscard]] LaneEntry& at(std::uint64_t number) noexcept {
      return ring[number & (ring.size() - 1)];
    }
  };

  static constexpr unsigned kSlotBits = 24;
  static constexpr std::uint32_t kFirstLane = static_cast<std::uint32_t>(kPendingMax);
  static constexpr std::uint32_t kCancelled = 254;
  static constexpr std::uint32_t kFree = 255;
  static constexpr std::uint32_t kNone = ~0U;
  static constexpr std::size_t kSweepMin = 64;  // below it a sweep costs more than it frees

  static std::uint32_t slot_of(Key key) noexcept {
    return static_cast<std::uint32_t>(key) & ((1U << kSlotBits) - 1);
  }
  static TimePoint time_of(Key key) noexcept {
    return TimePoint{Duration{static_cast<std::int64_t>(key >> 64)}};
  }
  static Key key_of(TimePoint at, std::uint64_t sequence, std::uint32_t slot) noexcept {
    const auto time_ns = static_cast<std::uint64_t>(at.time_since_epoch().count());
    return static_cast<Key>(time_ns) << 64 | sequence << kSlotBits | slot;
  }
  static Event event_of(std::uint64_t kind, std::uint32_t index) noexcept {
    return {static_cast<decltype(Event::kind)>(kind), index};
  }

  std::uint64_t next_sequence() noexcept {
    HG_ASSERT(sequence_ < kSequenceMax);
    return sequence_++;
  }

  // ---- Slots ----

  std::uint32_t take_slot(const Event& event) {
    const auto kind = static_cast<std::uint8_t>(event.kind);
    if (free_ == kNone) {
      HG_ASSERT(slots_.size() < kPendingMax);
      slots_.push_back({event.index, 1U << 8 | kind});
      return static_cast<std::uint32_t>(slots_.size() - 1);
    }
    const std::uint32_t taken = free_;
    Slot& slot = slots_[taken];
    free_ = slot.index;
    slot = {event.index, (slot.mark & ~0xffU) | kind};
    return taken;
  }

  void free_slot(std::uint32_t index) noexcept {
    Slot& slot = slots_[index];
    const std::uint32_t generation = (slot.mark >> 8) + 1;
    slot.mark = (generation >> kSlotBits == 0 ? generation : 1) << 8 | kFree;
    slot.index = free_;
    free_ = index;
  }

  // ---- Lanes ----

  void grow(LaneQueue& queue) {
    std::vector<LaneEntry> larger(std::max<std::size_t>(16, 2 * queue.ring.size()));
    for (std::uint64_t i = queue.first; i != queue.end; ++i) {
      larger[i & (larger.size() - 1)] = queue.at(i);
    }
    queue.ring = std::move(larger);
  }

  // Gives the head of a lane its key in the queue.
  void show_head(std::uint32_t number) {
    LaneQueue& queue = lanes_[number];
    queue.shown = true;
    ++lane_keys_;
    queue_.push(key_of_head(number));
  }
  [[nodiscard]] Key key_of_head(std::uint32_t number) noexcept {
    LaneQueue& queue = lanes_[number];
    const LaneEntry& head = queue.at(queue.first);
    return key_of(TimePoint{Duration{head.time_ns}}, head.sequence >> 8, kFirstLane + number);
  }
  // So a lane is no longer than its timeouts under way, where they are cancelled in turn.
  static void drop_cancelled(LaneQueue& queue) noexcept {
    while (queue.first != queue.end && (queue.at(queue.first).sequence & 0xff) == kCancelled) {
      ++queue.first;
    }
  }

  bool cancel_in_lane(Handle handle) noexcept {
    LaneQueue& queue = lanes_[handle.slot - kFirstLane];
    const std::uint32_t place = handle.generation - static_cast<std::uint32_t>(queue.first);
    if (place >= queue.end - queue.first) return false;
    LaneEntry& entry = queue.at(queue.first + place);
    if ((entry.sequence & 0xff) == kCancelled) return false;
    entry.sequence = (entry.sequence & ~std::uint64_t{0xff}) | kCancelled;
    --lane_live_;
    if (place == 0) drop_cancelled(queue);
    return true;
  }

  // A lane's key has come up: the event, unless that was cancelled and the lane's head is another.
  [[gnu::noinline]] std::optional<Event> pop_lane(std::uint32_t number, Key key) {
    LaneQueue& queue = lanes_[number];
    queue.shown = false;
    --lane_keys_;
    if (queue.first == queue.end) return std::nullopt;
    const bool is_heads = key_of_head(number) == key;
    const LaneEntry head = queue.at(queue.first);
    if (is_heads) {
      ++queue.first;
      drop_cancelled(queue);
    }
    if (queue.first != queue.end) show_head(number);
    if (!is_heads) return std::nullopt;
    --lane_live_;
    now_ = TimePoint{Duration{head.time_ns}};
    return event_of(head.sequence & 0xff, head.index);
  }

  void sweep() noexcept {
    queue_.erase_if([this](Key key) {
      const std::uint32_t slot = slot_of(key);
      if (slot >= kFirstLane || (slots_[slot].mark & 0xff) != kCancelled) return false;
      free_slot(slot);
      return true;
    });
    cancelled_ = 0;
  }

  KeyQueue queue_;
  std::vector<Slot> slots_;       // a key's slot is its own until the key leaves the queue
  std::vector<LaneQueue> lanes_;  // one with entries has one key in the queue
  std::uint32_t free_ = kNone;    // head of the list of free slots
  std::uint64_t sequence_ = 0;    // of the next event scheduled
  std::size_t cancelled_ = 0;     // cancelled keys of slots still in the queue
  std::size_t lane_keys_ = 0;     // lanes that have a key in the queue
  std::size_t lane_live_ = 0;     // entries of lanes that were not cancelled
  TimePoint now_{};
};

}  // namespace headgate::sim
