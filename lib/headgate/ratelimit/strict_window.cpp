#include "headgate/ratelimit/strict_window.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "headgate/ratelimit/window_range.hpp"

namespace headgate::ratelimit {

Result<StrictWindow> StrictWindow::make(const Config& config) {
  constexpr std::int64_t kLimitMax = 1'000'000'000;
  const std::int64_t limit = config.limit.count;
  if (limit < 2 || limit > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit",
                  "must be 2 to 1G tokens: one at once and one to earn");
  }
  if (config.window < kWindowMin) {
    return failed(Errc::kInvalidConfig, "window", "must be at least 1ms");
  }
  const std::int64_t burst =
      config.burst ? config.burst->count : std::max<std::int64_t>(1, limit / 10);
  if (burst < 1 || burst >= limit) {
    return failed(Errc::kInvalidConfig, "burst",
                  "must be 1 to " + std::to_string(limit - 1) +
                      ": below the limit, as what is left of it is earned over the window");
  }
  const Rate rate{.count = limit - burst, .per = config.window};
  auto bucket = TokenBucket::make({.rate = rate, .burst = {burst}});
  if (!bucket) {
    // The bucket's own words would speak of a rate that nobody has written.
    const bool fast = rate.count > rate.per.count();
    return failed(Errc::kInvalidConfig, fast ? "limit" : "window",
                  fast ? "must be at most one token per nanosecond of the window"
                       : "is too long for this limit: it must fill within 36 years");
  }
  return StrictWindow{*bucket, config.limit, config.window};
}

}  // namespace headgate::ratelimit
