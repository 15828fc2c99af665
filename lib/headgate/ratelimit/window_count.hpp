// What was spent in a window, for the limiters that count in windows: fixed_window and quota. They
// differ only in where a window ends.
#pragma once

#include <cstdint>

#include "headgate/core/check.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

/// What was spent in the window that ends before `end`; nothing is known of other windows.
struct WindowCount {
  TimePoint end{};
  std::int64_t spent = 0;
};

/// Spends `cost` of `limit` tokens if the window of `now` has them left. `end_of(now)` is the end
/// of the window that begins with, or holds, `now`; asked only when a window begins. A `now` before
/// the last window spent in is counted in that window. Requires: now is clamped.
template <class EndOf>
[[nodiscard]] Decision admit_in_window(WindowCount& state, TimePoint now, Tokens cost,
                                       std::int64_t limit, const EndOf& end_of) noexcept {
  HG_ASSERT(cost.count >= 1);
  const bool fresh = state.end <= now;
  const std::int64_t left = fresh ? limit : limit - state.spent;
  if (cost.count > left) {
    const bool never = cost.count > limit;
    const Duration reset = fresh ? Duration::zero() : state.end - now;
    return {.admitted = false,
            .reason = never ? Reason::kNever : Reason::kOverLimit,
            .remaining = {left},
            .retry_after = never ? kNever : reset,
            .reset_after = reset};
  }
  if (fresh) state = {.end = end_of(now), .spent = 0};
  state.spent += cost.count;
  return {.admitted = true,
          .reason = Reason::kAdmitted,
          .remaining = {left - cost.count},
          .retry_after = Duration::zero(),
          .reset_after = state.end - now};
}

/// Gives `cost` tokens back to the window they were spent in, if that is not over.
inline void refund_in_window(WindowCount& state, TimePoint now, Tokens cost) noexcept {
  HG_ASSERT(cost.count >= 1);
  if (state.end <= now) return;
  state.spent = cost.count < state.spent ? state.spent - cost.count : 0;
  if (state.spent == 0) state = {};
}

}  // namespace headgate::ratelimit
