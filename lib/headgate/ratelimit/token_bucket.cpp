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

// A full bucket in parts of a nanosecond, `burst * per`. Two such and a now of 2^62 stay in 63
// bits.
constexpr std::int64_t kPartsMax = std::int64_t{1} << 60;

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) noexcept { return (a + b - 1) / b; }

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
    : rate_(config.rate),
      burst_(config.burst.count),
      one_(span_of(1)),
      tolerance_(span_of(burst_ - 1)),
      fill_(ceil_div(burst_ * rate_.per.count(), rate_.count)) {}

TokenBucket::Span TokenBucket::span_of(std::int64_t tokens) const noexcept {
  const std::int64_t parts = tokens * rate_.per.count();
  return {.ns = Duration{parts / rate_.count}, .parts = parts % rate_.count};
}

/// Whole tokens in the bucket at `now`.
Tokens TokenBucket::tokens_at(const State& tat, TimePoint now) const noexcept {
  if (fresh_at(tat) <= now) return {burst_};
  // Further ahead than a whole bucket only if time went back; the product could then overflow.
  if (tat.ns - now > fill_) return {0};
  const std::int64_t debt = (tat.ns - now).count() * rate_.count + tat.parts;
  return {std::max<std::int64_t>(0, burst_ * rate_.per.count() - debt) / rate_.per.count()};
}

Decision TokenBucket::admit(State& tat, TimePoint now, Tokens cost) const noexcept {
  HG_ASSERT(cost.count >= 1);
  const bool full = fresh_at(tat) <= now;
  if (cost.count > burst_) {
    return {.admitted = false,
            .reason = Reason::kNever,
            .remaining = tokens_at(tat, now),
            .retry_after = kNever,
            .reset_after = full ? Duration::zero() : fresh_at(tat) - now};
  }
  if (!full) {
    const Span ahead = cost.count == 1 ? tolerance_ : span_of(burst_ - cost.count);
    // tat - ahead, rounded up to the nanosecond: the first time at which the request may pass.
    const TimePoint earliest = tat.ns - ahead.ns + Duration{tat.parts > ahead.parts ? 1 : 0};
    if (now < earliest) {
      return {.admitted = false,
              .reason = Reason::kOverLimit,
              .remaining = tokens_at(tat, now),
              .retry_after = earliest - now,
              .reset_after = fresh_at(tat) - now};
    }
  } else {
    tat = {.ns = now, .parts = 0};
  }
  const Span price = cost.count == 1 ? one_ : span_of(cost.count);
  const std::int64_t parts = tat.parts + price.parts;
  const bool carry = parts >= rate_.count;
  tat = {.ns = tat.ns + price.ns + Duration{carry ? 1 : 0},
         .parts = carry ? parts - rate_.count : parts};
  return {.admitted = true,
          .reason = Reason::kAdmitted,
          .remaining = tokens_at(tat, now),
          .retry_after = Duration::zero(),
          .reset_after = fresh_at(tat) - now};
}

Quota TokenBucket::quota() const noexcept {
  const auto window =
      std::max(std::chrono::seconds{1}, std::chrono::ceil<std::chrono::seconds>(fill_));
  const Int128 tokens =
      static_cast<Int128>(Duration{window}.count()) * rate_.count / rate_.per.count();
  return {.quota = {static_cast<std::int64_t>(tokens)}, .window = window};
}

}  // namespace headgate::ratelimit
