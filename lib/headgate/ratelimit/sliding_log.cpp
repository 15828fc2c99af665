#include "headgate/ratelimit/sliding_log.hpp"

#include <algorithm>
#include <chrono>

#include "headgate/core/check.hpp"
#include "headgate/ratelimit/window_range.hpp"

namespace headgate::ratelimit {

Result<SlidingLog> SlidingLog::make(const Config& config) {
  constexpr std::int64_t kLimitMax = 1'000'000;
  if (config.limit.count < 1 || config.limit.count > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit",
                  "must be 1 to 1M tokens: each is remembered; strict_window needs no memory");
  }
  if (config.window < kWindowMin || config.window > kWindowMax) {
    return failed(Errc::kInvalidConfig, "window", "must be 1ms to 36 years");
  }
  return SlidingLog(config);
}

/// How many of the ring's times count no more.
std::uint32_t SlidingLog::expired(const State& state, std::span<const TimePoint> log,
                                  TimePoint now) const noexcept {
  std::uint32_t low = 0;
  std::uint32_t high = state.size;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (at(state, log, middle) + window_ <= now) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Decision SlidingLog::peek(const State& state, std::span<const TimePoint> log, TimePoint now,
                          Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1 && log.size() == limit_);
  now = clamped(now);
  const TimePoint spent_at = std::max(now, state.latest);
  const std::uint32_t gone = expired(state, log, spent_at);
  const std::int64_t left = std::int64_t{limit_} - (state.size - gone);
  if (cost.count > left) {
    const bool never = cost.count > limit_;
    const auto lacking = static_cast<std::uint32_t>(never ? 0 : cost.count - left);
    return {.admitted = false,
            .reason = never ? Reason::kNever : Reason::kOverLimit,
            .remaining = {left},
            .retry_after = never ? kNever : at(state, log, gone + lacking - 1) + window_ - now,
            .reset_after = std::max(fresh_at(state, log) - now, Duration::zero())};
  }
  return {.admitted = true,
          .reason = Reason::kAdmitted,
          .remaining = {left - cost.count},
          .retry_after = Duration::zero(),
          .reset_after = spent_at + window_ - now};
}

Decision SlidingLog::admit(State& state, std::span<TimePoint> log, TimePoint now,
                           Tokens cost) const noexcept {
  const Decision decision = peek(state, log, now, cost);
  if (!decision.admitted) return decision;
  state.latest = std::max(clamped(now), state.latest);
  const std::uint32_t gone = expired(state, log, state.latest);
  state.head = (state.head + gone) % limit_;
  state.size -= gone;
  for (std::int64_t i = 0; i < cost.count; ++i) {
    log[(std::uint64_t{state.head} + state.size) % limit_] = state.latest;
    ++state.size;
  }
  return decision;
}

void SlidingLog::refund(State& state, std::span<const TimePoint> log, TimePoint now,
                        Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1);
  const std::uint32_t gone = expired(state, log, std::max(clamped(now), state.latest));
  const std::int64_t live = state.size - gone;
  state.size -= static_cast<std::uint32_t>(std::min(live, cost.count));
}

}  // namespace headgate::ratelimit
