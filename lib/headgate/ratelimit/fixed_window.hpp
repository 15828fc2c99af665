// A fixed window: at most `limit` tokens in each window, then nothing until the next.
//
// Windows start at whole multiples of `window` since the unix epoch, so every caller's quota comes
// back at the same instant and a person can predict it; or, with `start: first_hit`, at the first
// request of each caller after the last window, so that not all come back at once. The price of the
// simplicity: an interval of the window's length touches two windows, so up to 2 * limit tokens may
// pass within it, even at one instant on each side of a boundary. Where that matters, take a token
// bucket or a strict window.
//
// Source: folklore; the windows of envoyproxy/ratelimit (epoch) and gubernator (first hit).
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/window_count.hpp"

namespace headgate::ratelimit {

enum class WindowStart : std::uint8_t {
  kEpoch,     ///< at multiples of the window's length since 1970-01-01T00:00Z
  kFirstHit,  ///< when a caller without a window spends
};

class FixedWindow {
 public:
  struct Config {
    Tokens limit;     ///< per window; 1 to 1e15
    Duration window;  ///< 1 ms to 36 years (2^60 ns)
    WindowStart start = WindowStart::kEpoch;
    Duration epoch{};  ///< from the unix epoch to time zero of the run; >= 0
  };
  using State = WindowCount;

  /// Fails with kInvalidConfig, naming the field "limit" or "window", if one is out of its range.
  [[nodiscard]] static Result<FixedWindow> make(const Config& config);

  /// Spends `cost` tokens if the window of `now` has them left; otherwise spends nothing.
  [[nodiscard]] Decision admit(State& state, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;
  [[nodiscard]] Decision peek(const State& state, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept {
    State copy = state;
    return admit(copy, now, cost);
  }
  void refund(State& state, TimePoint now, Tokens cost = {.count = 1}) const noexcept {
    refund_in_window(state, clamped(now), cost);
  }

  [[nodiscard]] TimePoint fresh_at(const State& state) const noexcept { return state.end; }
  [[nodiscard]] bool is_fresh(const State& state, TimePoint now) const noexcept {
    return state.end <= clamped(now);
  }

  /// `limit` per `window` if that is whole seconds; else the same rate over the next whole second.
  [[nodiscard]] Quota quota() const noexcept { return quota_of(limit_, window_); }

 private:
  explicit FixedWindow(const Config& config) noexcept;

  std::int64_t limit_;
  Duration window_;
  Duration phase_;  // how far into a window time zero lies
  WindowStart start_;
};

static_assert(Policy<FixedWindow>);

}  // namespace headgate::ratelimit
