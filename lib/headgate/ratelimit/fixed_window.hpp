// A fixed window: at most `limit` tokens in each window of the clock, then nothing until the next.
//
// Windows start at whole multiples of `window` on the run's timeline, so every caller's quota comes
// back at the same instant and a person can predict it. The price of that simplicity: an interval
// of the window's length touches two windows, so up to 2 * limit tokens may pass within it, even at
// one instant on each side of a boundary. Where that matters, take a token bucket.
//
// Source: folklore; the windows of envoyproxy/ratelimit and of most API quotas.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

class FixedWindow {
 public:
  struct Config {
    Tokens limit;     ///< per window; 1 to 1e15
    Duration window;  ///< 1 ns to 36 years (2^60 ns)
  };

  /// What was spent in the window that ends before `end`; nothing is known of other windows.
  struct State {
    TimePoint end = TimePoint::min();
    std::int64_t spent = 0;
  };

  /// Fails with kInvalidConfig, naming the field "limit" or "window", if one is out of its range.
  [[nodiscard]] static Result<FixedWindow> make(const Config& config);

  /// Spends `cost` tokens if the window of `now` has them left; otherwise spends nothing. A `now`
  /// before the last window spent in is counted in that window.
  [[nodiscard]] Decision admit(State& state, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;

  [[nodiscard]] TimePoint fresh_at(const State& state) const noexcept { return state.end; }

  /// `limit` per `window` if that is whole seconds; else the same rate over the next whole second.
  [[nodiscard]] Quota quota() const noexcept;

 private:
  explicit FixedWindow(const Config& config) noexcept
      : limit_(config.limit.count), window_(config.window) {}

  std::int64_t limit_;
  Duration window_;
};

static_assert(Policy<FixedWindow>);

}  // namespace headgate::ratelimit
