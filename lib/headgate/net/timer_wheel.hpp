// Deadlines of connections: thousands of them, nearly all moved or cancelled before they pass, none
// of which needs to be exact. A wheel of 512 slots of 2^24 ns (16.8 ms) makes every operation O(1).
//
// The trick that keeps the cost of a request near zero: moving a deadline later, or cancelling it,
// only stores the new time. The entry stays in its old slot; when the wheel comes to it, it is put
// where it belongs. So a keep-alive connection that re-arms its timeout for each of a million
// requests is relinked once per timeout, not once per request.
//
// A deadline never fires early and, given that `advance` is called, at most one tick late.
// Source: G. Varghese, A. Lauck, "Hashed and hierarchical timing wheels", SOSP 1987, scheme 6.
#pragma once

#include <array>
#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/net/callback.hpp"

namespace headgate::net {

class TimerWheel;

namespace detail {
struct WheelLink {
  WheelLink* next = this;
  WheelLink* previous = this;
};
}  // namespace detail

/// One deadline of an object that owns it. Stays where it is: not copied, not moved.
class Deadline : private detail::WheelLink {
 public:
  explicit Deadline(Callback callback) noexcept : callback_(callback) {}
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;
  ~Deadline() { unlink(); }

  [[nodiscard]] bool armed() const noexcept { return at_ != TimePoint::max(); }
  /// Will not fire unless armed again.
  void cancel() noexcept { at_ = TimePoint::max(); }

 private:
  friend class TimerWheel;
  void unlink() noexcept {
    next->previous = previous;
    previous->next = next;
    next = previous = this;
  }

  TimePoint at_ = TimePoint::max();  // max: not armed
  std::int64_t tick_ = 0;            // the slot it is linked in, if it is
  Callback callback_;
};

class TimerWheel {
 public:
  static constexpr Duration kTick{1 << 24};
  static constexpr std::int64_t kSlots = 512;

  explicit TimerWheel(TimePoint start) noexcept;
  TimerWheel(const TimerWheel&) = delete;
  TimerWheel& operator=(const TimerWheel&) = delete;
  /// Deadlines may outlive the wheel: they are unlinked.
  ~TimerWheel();

  /// `deadline` fires once, at `at` or up to one tick later. Replaces what it was armed for.
  void arm(Deadline& deadline, TimePoint at) noexcept;

  /// Fires what is due at `now`. Callbacks may arm, cancel and destroy any deadline.
  void advance(TimePoint now) noexcept;

  /// The earliest time at which `advance` may have work; TimePoint::max() if the wheel is empty.
  [[nodiscard]] TimePoint next() const noexcept;

 private:
  void link(Deadline& deadline) noexcept;
  void run_slot(std::int64_t tick, TimePoint now) noexcept;

  std::int64_t tick_;                              // all slots up to this tick have been run
  std::array<detail::WheelLink, kSlots> slots_{};  // heads of rings
  std::array<std::uint64_t, kSlots / 64> used_{};  // bit: slot may have entries
};

}  // namespace headgate::net
