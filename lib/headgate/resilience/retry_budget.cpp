#include "headgate/resilience/retry_budget.hpp"

#include <algorithm>

namespace headgate::resilience {
namespace {

constexpr std::int64_t kToken = 1000;

}  // namespace

Result<TokenBudget> TokenBudget::make(const Config& config) {
  if (config.max_tokens < 1 || config.max_tokens > 1000) {
    return failed(Errc::kInvalidConfig, "max_tokens", "must be 1 to 1000");
  }
  if (config.token_ratio < 0.001 || config.token_ratio > 1000) {
    return failed(Errc::kInvalidConfig, "token_ratio", "must be 0.001 to 1000");
  }
  // gRFC A6: further places of the ratio are cut off. The half thousandth of a thousandth mends
  // what binary fractions lose: 0.29 is 290, not 289.
  return TokenBudget{config.max_tokens * kToken,
                     static_cast<std::int64_t>(config.token_ratio * kToken + 0.0005)};
}

void TokenBudget::on_success() noexcept { tokens_ = std::min(max_, tokens_ + ratio_); }

bool TokenBudget::on_failure() noexcept {
  tokens_ = std::max<std::int64_t>(0, tokens_ - kToken);
  return allows();
}

Result<PercentBudget> PercentBudget::make(const Config& config) {
  if (config.share.of_one < 0 || config.share.of_one > 1) {
    return failed(Errc::kInvalidConfig, "share", "must be 0% to 100%");
  }
  if (config.min_per_second > 1'000'000) {
    return failed(Errc::kInvalidConfig, "min_per_second", "must be at most 1M");
  }
  if (config.window < std::chrono::seconds{1} || config.window > std::chrono::hours{1}) {
    return failed(Errc::kInvalidConfig, "window", "must be 1s to 1h");
  }
  return PercentBudget{config};
}

PercentBudget::PercentBudget(const Config& config) noexcept
    : share_(config.share),
      reserve_(static_cast<std::int64_t>(config.min_per_second) *
               (config.window / std::chrono::milliseconds{1}) / 1000),
      window_(config.window) {}

void PercentBudget::on_call(TimePoint now) noexcept {
  window_.advance(now);
  window_.add({.calls = 1, .retries = 0});
}

std::int64_t PercentBudget::balance(TimePoint now) noexcept {
  window_.advance(now);
  const Counts& counts = window_.sum();
  return std::max<std::int64_t>(0, reserve_ + share_.of(counts.calls) - counts.retries);
}

bool PercentBudget::withdraw(TimePoint now) noexcept {
  if (balance(now) < 1) return false;
  window_.add({.calls = 0, .retries = 1});
  return true;
}

}  // namespace headgate::resilience
