#include "headgate/ratelimit/token_bucket.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

#include "headgate/core/check.hpp"
#include "headgate/core/text.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::int64_t kBurstMax = 1'000'000'000;

// The longest time to fill a bucket, times the rate's count. With at most four units per nanosecond
// a full bucket and kTimeMax together stay within 64 bits.
constexpr std::int64_t kPartsMax = std::int64_t{1} << 60;

/// 2^64 * a / b, rounded down. Requires: a < b.
constexpr std::uint64_t fraction(Uint128 a, Uint128 b) noexcept {
  // Bit by bit, as 2^64 * a may need more than 128 bits.
  std::uint64_t quotient = 0;
  for (int bit = 0; bit < 64; ++bit) {
    a <<= 1U;
    quotient <<= 1U;
    if (a >= b) {
      a -= b;
      quotient |= 1U;
    }
  }
  return quotient;
}

}  // namespace

Result<TokenBucket> TokenBucket::make(const Config& config) {
  const Rate& given = config.rate;
  // At most one token per nanosecond; the comparison cannot overflow as 1e9/s is {1, 1ns}.
  if (given.count < 1 || given.per < Duration{1} || given.count > given.per.count()) {
    return failed(Errc::kInvalidConfig, "rate", "must be above 0 and at most 1G/s");
  }
  const Rate rate = make_rate(given.count, given.per);
  if (rate.per.count() > kPartsMax) {
    return failed(Errc::kInvalidConfig, "rate", "must be at least one token in 36 years");
  }
  const std::int64_t burst_max = std::min(kBurstMax, kPartsMax / rate.per.count());
  if (config.burst.count < 1 || config.burst.count > burst_max) {
    return failed(Errc::kInvalidConfig, "burst",
                  "must be 1 to " + std::to_string(burst_max) + " tokens at " + to_text(rate));
  }
  return TokenBucket({.rate = rate, .burst = config.burst});
}

TokenBucket::TokenBucket(const Config& config) noexcept
    : rate_(config.rate), burst_(config.burst.count) {
  const auto count = static_cast<std::uint64_t>(rate_.count);
  const auto per = static_cast<std::uint64_t>(rate_.per.count());
  // A multiple of `per` makes the flow whole; where that is too fine, as fine as there is room for.
  token_ = count <= kUnitsPerNs
               ? per * (kUnitsPerNs / count)
               : static_cast<std::uint64_t>(static_cast<Uint128>(per) * kUnitsPerNs / count);
  capacity_ = token_ * static_cast<std::uint64_t>(burst_);
  per_token_ = fraction(1, token_);
  const Uint128 flow = static_cast<Uint128>(token_) * count;  // units in `per` nanoseconds
  whole_ = static_cast<std::uint64_t>(flow / per);
  part_ = fraction(flow % per, per);
  quarters_ = whole_ == kUnitsPerNs && part_ == 0;
  per_unit_ = fraction(per, flow);
}

/// The exact quotient, where the product with the rounded fraction cannot tell.
std::uint64_t TokenBucket::divided(std::uint64_t ns) const noexcept {
  const auto per = static_cast<std::uint64_t>(rate_.per.count());
  const Uint128 flow = static_cast<Uint128>(token_) * static_cast<std::uint64_t>(rate_.count);
  return ns * whole_ + static_cast<std::uint64_t>(ns * (flow % per) / per);
}

Decision TokenBucket::never(std::uint64_t debt, TimePoint now) const noexcept {
  return {.admitted = false,
          .reason = Reason::kNever,
          .remaining = tokens_beside(debt),
          .retry_after = kNever,
          .reset_after = debt == 0 ? Duration::zero() : earliest(units_at(now) + debt) - now};
}

void TokenBucket::refund(State& state, TimePoint now, Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1 && cost.count <= burst_);
  const std::uint64_t price = static_cast<std::uint64_t>(cost.count) * token_;
  const std::uint64_t passed = units_at(clamped(now));
  // Not below `passed`: if time then went back, the bucket would hold more than was ever its own.
  if (state.tat > passed) state.tat = std::max(state.tat - std::min(price, state.tat), passed);
}

TimePoint TokenBucket::debt_down_to(const State& state, Tokens tokens) const noexcept {
  HG_ASSERT(tokens.count >= 0 && tokens.count <= burst_);
  const std::uint64_t kept = static_cast<std::uint64_t>(tokens.count) * token_;
  return state.tat <= kept ? TimePoint{} : earliest(state.tat - kept);
}

Quota TokenBucket::quota() const noexcept {
  const std::int64_t parts = burst_ * rate_.per.count();
  const Duration fill{(parts + rate_.count - 1) / rate_.count};
  const auto window =
      std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(fill));
  const Int128 tokens =
      static_cast<Int128>(Duration{window}.count()) * rate_.count / rate_.per.count();
  return {.quota = {static_cast<std::int64_t>(tokens)}, .window = window};
}

}  // namespace headgate::ratelimit
