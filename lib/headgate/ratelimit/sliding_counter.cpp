#include "headgate/ratelimit/sliding_counter.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "headgate/core/check.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/ratelimit/window_range.hpp"

namespace headgate::ratelimit {

Result<SlidingCounter> SlidingCounter::make(const Config& config) {
  constexpr std::int64_t kLimitMax = std::numeric_limits<std::uint32_t>::max();
  if (config.limit.count < 1 || config.limit.count > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit", "must be 1 to 4294967295 tokens per window");
  }
  if (config.window < kWindowMin || config.window > kWindowMax) {
    return failed(Errc::kInvalidConfig, "window", "must be 1ms to 36 years");
  }
  return SlidingCounter(config);
}

SlidingCounter::View SlidingCounter::view(const State& state, TimePoint now) const noexcept {
  const std::int64_t ns = clamped(now).time_since_epoch().count();
  const auto number = static_cast<std::uint64_t>(ns / window_) + 1;
  if (number < state.window) return {.counts = state, .elapsed = 0};  // time went back
  State counts{.window = number, .previous = 0, .current = 0};
  if (number == state.window) counts = state;
  if (number == state.window + 1) counts.previous = state.current;
  return {.counts = counts, .elapsed = ns % window_};
}

/// Tokens that the estimate leaves.
std::int64_t SlidingCounter::left(const View& view) const noexcept {
  // The previous window's part is rounded up: what is left is whole tokens, rounded down.
  const Int128 covered = static_cast<Int128>(view.counts.previous) * (window_ - view.elapsed);
  const auto faded = static_cast<std::int64_t>((covered + window_ - 1) / window_);
  return std::max<std::int64_t>(0, limit_ - faded - view.counts.current);
}

/// How far a window must have gone for `count` of the one before it to weigh `room` or less. The
/// window's whole length if `room` is 0. Requires: count > room >= 0.
std::int64_t SlidingCounter::faded_at(std::int64_t count, std::int64_t room) const noexcept {
  // count * (window - elapsed) <= room * window
  const Int128 lasting = static_cast<Int128>(room) * window_ / count;
  return window_ - static_cast<std::int64_t>(lasting);
}

/// Until `cost` would be admitted. Requires: cost <= limit, and more than is left now.
Duration SlidingCounter::wait(const View& view, std::int64_t cost) const noexcept {
  const std::int64_t room = limit_ - view.counts.current - cost;
  if (room >= 0) return Duration{faded_at(view.counts.previous, room) - view.elapsed};
  // Not in this window: what was spent in it has to fade in the next.
  const std::int64_t next = limit_ - cost;
  return Duration{window_ - view.elapsed + faded_at(view.counts.current, next)};
}

Duration SlidingCounter::reset_after(const View& view) const noexcept {
  if (view.counts.current > 0) return Duration{2 * window_ - view.elapsed};
  return Duration{view.counts.previous > 0 ? window_ - view.elapsed : 0};
}

Decision SlidingCounter::admit(State& state, TimePoint now, Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1);
  View seen = view(state, now);
  // A time that went back: until the window's start nothing fades.
  const Duration behind =
      TimePoint{Duration{static_cast<std::int64_t>(seen.counts.window - 1) * window_}} +
      Duration{seen.elapsed} - clamped(now);
  const std::int64_t room = left(seen);
  if (cost.count > room) {
    const bool never = cost.count > limit_;
    const Duration reset = reset_after(seen);
    return {.admitted = false,
            .reason = never ? Reason::kNever : Reason::kOverLimit,
            .remaining = {room},
            .retry_after = never ? kNever : wait(seen, cost.count) + behind,
            .reset_after = reset == Duration::zero() ? reset : reset + behind};
  }
  seen.counts.current += static_cast<std::uint32_t>(cost.count);
  state = seen.counts;
  return {.admitted = true,
          .reason = Reason::kAdmitted,
          .remaining = {room - cost.count},
          .retry_after = Duration::zero(),
          .reset_after = reset_after(seen) + behind};
}

void SlidingCounter::refund(State& state, TimePoint now, Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1);
  if (view(state, now).counts.window != state.window) return;
  const std::uint32_t current = state.current;
  state.current -= static_cast<std::uint32_t>(std::min<std::int64_t>(current, cost.count));
  if (state.current == 0 && state.previous == 0) state = {};
}

TimePoint SlidingCounter::fresh_at(const State& state) const noexcept {
  const std::uint64_t windows = state.current > 0    ? state.window + 1
                                : state.previous > 0 ? state.window
                                                     : 0;
  return TimePoint{Duration{static_cast<std::int64_t>(windows) * window_}};
}

}  // namespace headgate::ratelimit
