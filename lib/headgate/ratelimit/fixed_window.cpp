#include "headgate/ratelimit/fixed_window.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "headgate/core/check.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::int64_t kLimitMax = 1'000'000'000'000'000;
constexpr Duration kWindowMax{std::int64_t{1} << 60};

/// The end of the window that `now` lies in. Rounds towards the past for times before zero too.
TimePoint end_of_window(TimePoint now, Duration window) noexcept {
  const Duration since_zero = now.time_since_epoch();
  Duration into = since_zero % window;
  if (into < Duration::zero()) into += window;
  return now - into + window;
}

}  // namespace

Result<FixedWindow> FixedWindow::make(const Config& config) {
  if (config.limit.count < 1 || config.limit.count > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit", "must be 1 to 1e15 tokens per window");
  }
  if (config.window < Duration{1} || config.window > kWindowMax) {
    return failed(Errc::kInvalidConfig, "window", "must be 1ns to 36 years");
  }
  return FixedWindow(config);
}

Decision FixedWindow::admit(State& state, TimePoint now, Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1);
  const bool fresh = fresh_at(state) <= now;
  const std::int64_t left = fresh ? limit_ : limit_ - state.spent;
  if (cost.count > left) {
    const bool never = cost.count > limit_;
    const Duration reset = fresh ? Duration::zero() : state.end - now;
    return {.admitted = false,
            .reason = never ? Reason::kNever : Reason::kOverLimit,
            .remaining = {left},
            .retry_after = never ? kNever : reset,
            .reset_after = reset};
  }
  if (fresh) state = {.end = end_of_window(now, window_), .spent = 0};
  state.spent += cost.count;
  return {.admitted = true,
          .reason = Reason::kAdmitted,
          .remaining = {left - cost.count},
          .retry_after = Duration::zero(),
          .reset_after = state.end - now};
}

Quota FixedWindow::quota() const noexcept {
  const auto window = std::chrono::ceil<std::chrono::seconds>(window_);
  const Int128 tokens = static_cast<Int128>(Duration{window}.count()) * limit_ / window_.count();
  constexpr Int128 kMax = 999'999'999'999'999;  // the largest integer of a structured field
  return {.quota = {static_cast<std::int64_t>(std::min(tokens, kMax))}, .window = window};
}

}  // namespace headgate::ratelimit
