// Numbers, each there once, that come out from the least to the greatest while others are put in:
// the order of a simulation's events.
//
// The least few thousand stand in a binary heap. Most events schedule exactly one successor, so a
// pop leaves a hole at the root that the next push fills in one sift-down ("replace top") instead
// of a pop's and a push's.
//
// A heap beyond the cache pays a miss for each of its levels. When it has become too large, its
// upper half therefore leaves it for a *run*: a heap of the everyday kind, unsorted. Runs lie
// behind one another, each all of the keys between its lower bound and the next run's, the soonest
// last. When the heap is empty the soonest run is cut in halves, as quicksort would, until its
// lowest part is small enough to be the heap. So a key is moved some log2(pending / kHeapMax)
// times, in passes over memory in its order, and the few runs are told apart by their bounds alone.
// Of a simulation with less than kHeapMax events pending the price is one comparison with zero.
//
// Source of the runs: R. Paredes, G. Navarro, "Optimal incremental sorting", ALENEX 2006 (quick
// heaps). Measured against 4-ary and calendar forms in tests/bench/sim/kernels.cpp.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "headgate/core/wide.hpp"

namespace headgate::sim {

class KeyQueue {
 public:
  using Key = Uint128;

  /// The heap's halves part above it: 128 KiB of keys, which stay in a second-level cache.
  static constexpr std::size_t kHeapMax = 8192;

  [[nodiscard]] std::size_t size() const noexcept {
    return heap_.size() - (hole_ ? 1 : 0) + in_runs_;
  }

  /// Requires: a key that is not there. O(log size), amortised no allocation.
  [[gnu::always_inline]] void push(Key key) {
    if (runs_ != 0 && key >= run_[runs_ - 1].low) return push_to_run(key);
    if (hole_) {
      hole_ = false;
      sift_down(key);
      return;
    }
    heap_.push_back(key);
    sift_up(key);
    if (heap_.size() > kHeapMax) shed_upper_half();
  }

  /// Whether there is a least key, ready for take(). `soon` is told of each key that was far and
  /// will be taken soon. Amortised O(log size).
  template <class Soon>
  [[nodiscard, gnu::always_inline]] bool ready(Soon&& soon) noexcept {
    if (hole_) close_hole();
    while (heap_.empty() && runs_ != 0) {  // again if all of a run was erased
      refill();
      for (const Key key : heap_) soon(key);
    }
    return !heap_.empty();
  }
  /// Takes the least key. Requires: ready() has just said yes.
  [[nodiscard]] Key take() noexcept {
    hole_ = true;
    return heap_.front();
  }
  /// Takes out all keys that `is_gone` says yes to, which it is asked once for each. O(size).
  template <class IsGone>
  void erase_if(IsGone&& is_gone) {
    if (hole_) close_hole();
    std::erase_if(heap_, is_gone);
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>{});
    for (std::size_t i = 0; i < runs_; ++i) in_runs_ -= std::erase_if(run_[i].keys, is_gone);
  }

 private:
  struct Run {
    Key low = 0;  // none of its keys is less, nor one of the runs before it
    std::vector<Key> keys = {};
  };

  // ---- The heap ----

  void sift_up(Key key) noexcept {
    std::size_t at = heap_.size() - 1;
    while (at > 0 && key < heap_[(at - 1) / 2]) {
      heap_[at] = heap_[(at - 1) / 2];
      at = (at - 1) / 2;
    }
    heap_[at] = key;
  }

  void close_hole() noexcept {
    hole_ = false;
    const Key last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sift_down(last);
  }

  // Puts `key` into the vacant root and lets it sink to its place.
  void sift_down(Key key) noexcept {
    const std::size_t count = heap_.size();
    std::size_t at = 0;
    std::size_t child = 1;
    while (child < count) {
      if (child + 1 < count) child += heap_[child + 1] < heap_[child] ? 1U : 0U;
      if (key < heap_[child]) break;
      heap_[at] = heap_[child];
      at = child;
      child = 2 * at + 1;
    }
    heap_[at] = key;
  }

  // ---- Runs ----

  // The last of them whose bound the key has reached.
  [[gnu::noinline]] void push_to_run(Key key) {
    std::size_t at = runs_ - 1;
    while (at > 0 && key >= run_[at - 1].low) --at;
    run_[at].keys.push_back(key);
    ++in_runs_;
  }

  Run& new_run(Key low) {
    if (runs_ == run_.size()) run_.emplace_back();
    Run& run = run_[runs_++];
    run.low = low;
    return run;
  }

  [[gnu::noinline]] void shed_upper_half() {
    const Key middle = middle_of(heap_);
    Run& run = new_run(middle);
    part(heap_, middle, heap_, run.keys);
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>{});
    in_runs_ += run.keys.size();
  }

  // The soonest run becomes the heap, or its lowest part that is small enough.
  [[gnu::noinline]] void refill() {
    while (run_[runs_ - 1].keys.size() > kHeapMax / 2) {
      const Key middle = middle_of(run_[runs_ - 1].keys);
      const Key low = std::exchange(run_[runs_ - 1].low, middle);
      Run& lower = new_run(low);
      part(run_[runs_ - 2].keys, middle, lower.keys, run_[runs_ - 2].keys);
    }
    std::vector<Key>& soonest = run_[--runs_].keys;
    in_runs_ -= soonest.size();
    std::swap(heap_, soonest);
    soonest.clear();
    std::make_heap(heap_.begin(), heap_.end(), std::greater<>{});
  }

  // A key of `from` near the middle, with some before it and some behind: the median of a few.
  [[nodiscard]] static Key middle_of(const std::vector<Key>& from) noexcept {
    std::array<Key, 31> few;
    for (std::size_t i = 0; i < few.size(); ++i) few[i] = from[i * from.size() / few.size()];
    std::nth_element(few.begin(), few.begin() + few.size() / 2, few.end());
    return few[few.size() / 2];
  }

  // Moves what is less than `middle` to `lower` and the rest to `upper`, one of which is `from`
  // and the other empty. Without branches, which would be mistaken every other time.
  static void part(std::vector<Key>& from, Key middle, std::vector<Key>& lower,
                   std::vector<Key>& upper) {
    std::vector<Key>& other = &lower == &from ? upper : lower;
    const std::size_t count = from.size();
    other.resize(count);
    std::size_t lows = 0;
    std::size_t highs = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const Key key = from[i];
      lower[lows] = key;
      upper[highs] = key;
      const bool is_low = key < middle;
      lows += is_low ? 1U : 0U;
      highs += is_low ? 0U : 1U;
    }
    lower.resize(lows);
    upper.resize(highs);
  }

  std::vector<Key> heap_;  // a binary min-heap, but for the root while hole_
  std::vector<Run> run_;   // the first runs_ are in use, the soonest last
  std::size_t runs_ = 0;
  std::size_t in_runs_ = 0;  // keys
  bool hole_ = false;        // the root has come out and waits to be replaced
};

}  // namespace headgate::sim
