#include "headgate/ratelimit/leaky_queue.hpp"

#include <cstdint>

namespace headgate::ratelimit {

Result<LeakyQueue> LeakyQueue::make(const Config& config) {
  constexpr std::int64_t kBurstMax = 999'999'999;
  if (config.burst.count < 0 || config.burst.count > kBurstMax) {
    return failed(Errc::kInvalidConfig, "burst", "must be 0 to 999999999");
  }
  if (config.delay.count < 0 || config.delay > config.burst) {
    return failed(Errc::kInvalidConfig, "delay", "must be 0 to the burst");
  }
  auto bucket = TokenBucket::make({.rate = config.rate, .burst = {config.burst.count + 1}});
  if (!bucket) return std::unexpected(bucket.error());
  return LeakyQueue{*bucket, config.delay};
}

Decision LeakyQueue::admit(State& state, TimePoint now, Tokens cost) const noexcept {
  now = clamped(now);
  const TimePoint turn = bucket_.debt_down_to(state, delay_);
  Decision decision = bucket_.admit(state, now, cost);
  if (decision.admitted && turn > now) {
    decision.reason = Reason::kDelayed;
    decision.delay = turn - now;
  }
  return decision;
}

}  // namespace headgate::ratelimit
