#include "headgate/ratelimit/shared_window.hpp"

#include "headgate/core/check.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::int64_t kWindowMaxUs = std::int64_t{1} << 50;

}  // namespace

Result<SharedWindow> SharedWindow::make(const Config& config) {
  constexpr std::int64_t kLimitMax = 1'000'000'000'000'000;
  if (config.limit.count < 1 || config.limit.count > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit", "must be 1 to 1e15 tokens per window");
  }
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(config.window);
  if (us.count() < 1 || us.count() > kWindowMaxUs || us != config.window) {
    return failed(Errc::kInvalidConfig, "window",
                  "must be whole microseconds, and at most 35 years, to be shared");
  }
  return SharedWindow(config.limit, us.count());
}

void SharedWindow::append_question(std::vector<std::int64_t>& numbers, Tokens cost) const {
  HG_ASSERT(cost.count >= 1 && cost <= limit_);
  numbers.insert(numbers.end(), {kKind, limit_.count, window_us_, cost.count});
}

Decision SharedWindow::decision(const SharedSight& sight, Tokens cost, bool spent) const noexcept {
  HG_ASSERT(cost.count >= 1 && cost <= limit_);
  const bool fresh = sight.first <= sight.now_us;
  std::int64_t end = sight.first;
  if (fresh && spent) {
    end = sight.now_us + window_us_ - sight.now_us % window_us_;
  }
  const std::int64_t before = fresh ? 0 : sight.second;
  const Duration reset =
      fresh && !spent ? Duration::zero() : std::chrono::microseconds{end - sight.now_us};
  const bool fits = before + cost.count <= limit_.count;  // refused by another limit, then
  return {.admitted = spent,
          .reason = spent ? Reason::kAdmitted : Reason::kOverLimit,
          .remaining = {limit_.count - before - (spent ? cost.count : 0)},
          .retry_after = spent || fits ? Duration::zero() : reset,
          .reset_after = reset};
}

}  // namespace headgate::ratelimit
