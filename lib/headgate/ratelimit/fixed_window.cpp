#include "headgate/ratelimit/fixed_window.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "headgate/core/check.hpp"
#include "headgate/ratelimit/window_range.hpp"

namespace headgate::ratelimit {

Result<FixedWindow> FixedWindow::make(const Config& config) {
  constexpr std::int64_t kLimitMax = 1'000'000'000'000'000;
  if (config.limit.count < 1 || config.limit.count > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit", "must be 1 to 1e15 tokens per window");
  }
  if (config.window < kWindowMin || config.window > kWindowMax) {
    return failed(Errc::kInvalidConfig, "window", "must be 1ms to 36 years");
  }
  HG_ASSERT(config.epoch >= Duration::zero());
  return FixedWindow(config);
}

FixedWindow::FixedWindow(const Config& config) noexcept
    : limit_(config.limit.count),
      window_(config.window),
      phase_(config.epoch % config.window),
      start_(config.start) {}

Decision FixedWindow::admit(State& state, TimePoint now, Tokens cost) const noexcept {
  return admit_in_window(state, clamped(now), cost, limit_, [this](TimePoint begin) {
    if (start_ == WindowStart::kFirstHit) return begin + window_;
    const Duration into = (begin.time_since_epoch() + phase_) % window_;
    return begin - into + window_;
  });
}

}  // namespace headgate::ratelimit
