#include "headgate/ratelimit/shared_bucket.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::int64_t kNsPerUs = 1000;
constexpr std::int64_t kCountMax = std::int64_t{1} << 41;
constexpr std::int64_t kFillMaxUs = std::int64_t{1} << 50;

Duration microseconds(std::int64_t count) noexcept { return std::chrono::microseconds{count}; }

}  // namespace

Result<SharedBucket> SharedBucket::make(const Config& config) {
  if (config.rate.count < 1 || config.rate.per < Duration{1}) {
    return failed(Errc::kInvalidConfig, "rate", "must be above 0");
  }
  const Rate rate = make_rate(config.rate.count, config.rate.per);
  if (rate.count > kCountMax) {
    return failed(Errc::kInvalidConfig, "rate",
                  "has too many digits to be shared exactly: take a rounder one");
  }
  if (config.burst.count < 1) return failed(Errc::kInvalidConfig, "burst", "must be at least 1");
  const Int128 fill = static_cast<Int128>(config.burst.count) * rate.per.count() /
                      (static_cast<Int128>(rate.count) * kNsPerUs);
  if (fill > kFillMaxUs) {
    return failed(Errc::kInvalidConfig, "burst",
                  "takes more than 35 years to fill: take a smaller one to share it");
  }
  return SharedBucket({.rate = rate, .burst = config.burst});
}

SharedBucket::SharedBucket(const Config& config) noexcept
    : rate_(config.rate), burst_(config.burst), parts_per_us_(config.rate.count * kNsPerUs) {}

SharedBucket::Span SharedBucket::span_of(std::int64_t tokens) const noexcept {
  const Int128 parts = static_cast<Int128>(tokens) * rate_.per.count();
  return {.us = static_cast<std::int64_t>(parts / parts_per_us_),
          .parts = static_cast<std::int64_t>(parts % parts_per_us_)};
}

void SharedBucket::append_question(std::vector<std::int64_t>& numbers,
                                   std::span<const Tokens> offers) const {
  numbers.insert(numbers.end(), {kKind, parts_per_us_, static_cast<std::int64_t>(offers.size())});
  for (const Tokens offer : offers) {
    HG_ASSERT(offer.count >= 1 && offer <= burst_);
    const Span price = span_of(offer.count);
    const Span ahead = span_of(burst_.count - offer.count);
    numbers.insert(numbers.end(), {price.us, price.parts, ahead.us, ahead.parts});
  }
}

void SharedBucket::append_return(std::vector<std::int64_t>& numbers, Tokens tokens) const {
  HG_ASSERT(tokens.count >= 1 && tokens <= burst_);
  const Span price = span_of(tokens.count);
  numbers.insert(numbers.end(), {kReturnKind, parts_per_us_, price.us, price.parts});
}

Decision SharedBucket::decision(const SharedSight& sight, Tokens cost, bool spent) const noexcept {
  HG_ASSERT(cost.count >= 1 && cost <= burst_);
  const std::int64_t token = rate_.per.count();
  const auto up = [this](Int128 parts) {
    return microseconds(static_cast<std::int64_t>((parts + parts_per_us_ - 1) / parts_per_us_));
  };
  // How far the bucket is from full, in parts.
  Int128 debt = static_cast<Int128>(sight.first - sight.now_us) * parts_per_us_ + sight.second;
  debt = std::max<Int128>(debt, 0);
  if (spent) debt += static_cast<Int128>(cost.count) * token;
  const Int128 full = static_cast<Int128>(burst_.count) * token;
  const Int128 remaining = std::max<Int128>(full - debt, 0) / token;
  const Int128 allowed = full - static_cast<Int128>(cost.count) * token;
  return {.admitted = spent,
          .reason = spent ? Reason::kAdmitted : Reason::kOverLimit,
          .remaining = {static_cast<std::int64_t>(remaining)},
          .retry_after = spent ? Duration::zero() : up(std::max<Int128>(debt - allowed, 0)),
          .reset_after = up(debt)};
}

}  // namespace headgate::ratelimit
