#include "headgate/ratelimit/concurrency.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"

namespace headgate::ratelimit {

Result<Concurrency> Concurrency::make(const Config& config) {
  constexpr std::int64_t kLimitMax = 1'000'000'000;
  if (config.limit.count < 1 || config.limit.count > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit", "must be 1 to 1G requests at once");
  }
  return Concurrency(config);
}

Decision Concurrency::admit(State& state, TimePoint /*now*/, Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1);
  const std::int64_t left = limit_ - static_cast<std::int64_t>(state.taken);
  if (cost.count > left) {
    return {.admitted = false,
            .reason = cost.count > limit_ ? Reason::kNever : Reason::kOverLimit,
            .remaining = {left},
            .retry_after = kNever,
            .reset_after = state.taken == 0 ? Duration::zero() : kNever};
  }
  state.taken += static_cast<std::uint64_t>(cost.count);
  return {.admitted = true,
          .reason = Reason::kAdmitted,
          .remaining = {left - cost.count},
          .retry_after = Duration::zero(),
          .reset_after = kNever};
}

void Concurrency::refund(State& state, TimePoint /*now*/, Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1);
  state.taken -= std::min(state.taken, static_cast<std::uint64_t>(cost.count));
}

}  // namespace headgate::ratelimit
