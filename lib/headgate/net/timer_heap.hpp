// Timers that must be exact to the microsecond and are few: the send schedule of a load generator,
// the pace of a test upstream. A binary heap over the timers themselves; O(log n) each.
#pragma once

#include <cstddef>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/net/callback.hpp"

namespace headgate::net {

class TimerHeap;

/// One exact timer of an object that owns it. Stays where it is; cancelled when it dies.
class Timer {
 public:
  Timer(TimerHeap& heap, Callback callback) noexcept : heap_(heap), callback_(callback) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }

  /// Fires once, in the first turn of the loop whose time is `at` or later. Replaces an earlier
  /// arm.
  void arm(TimePoint at);
  void cancel() noexcept;
  [[nodiscard]] bool armed() const noexcept { return index_ != kNone; }
  [[nodiscard]] TimePoint at() const noexcept { return at_; }

 private:
  friend class TimerHeap;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  TimerHeap& heap_;
  Callback callback_;
  TimePoint at_{};
  std::size_t index_ = kNone;  // its place in the heap
};

class TimerHeap {
 public:
  TimerHeap() = default;
  TimerHeap(const TimerHeap&) = delete;
  TimerHeap& operator=(const TimerHeap&) = delete;

  /// The earliest time of any timer; TimePoint::max() without one.
  [[nodiscard]] TimePoint next() const noexcept {
    return timers_.empty() ? TimePoint::max() : timers_.front()->at_;
  }
  /// Fires, in the order of their times, all that are due at `now`. A callback that arms a timer
  /// for a time not after `now` has it fired in the same call.
  void advance(TimePoint now) noexcept;

 private:
  friend class Timer;
  void insert(Timer& timer);
  void remove(Timer& timer) noexcept;
  void place(Timer& timer, std::size_t index) noexcept;
  void sift_up(Timer& timer, std::size_t index) noexcept;
  void sift_down(Timer& timer, std::size_t index) noexcept;

  std::vector<Timer*> timers_;
};

}  // namespace headgate::net
