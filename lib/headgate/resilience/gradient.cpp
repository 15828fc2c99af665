#include "headgate/resilience/gradient.hpp"

#include <algorithm>

#include "headgate/core/wide.hpp"

namespace headgate::resilience {
namespace {

constexpr std::int64_t kWarmup = 10;
/// 73 days: in 2^-10 ns it still fits.
constexpr std::int64_t kRttMax = std::int64_t{1} << 52;

}  // namespace

Result<Gradient> Gradient::make(const Config& config) {
  const auto wrong = [](const char* field, const char* why) {
    return failed(Errc::kInvalidConfig, field, why);
  };
  if (auto checked = check_range(config.range); !checked) return std::unexpected(checked.error());
  if (config.smoothing.of_one < 0.001 || config.smoothing.of_one > 1) {
    return wrong("smoothing", "must be 0.1% to 100%");
  }
  if (config.tolerance < 1 || config.tolerance > 10) return wrong("tolerance", "must be 1 to 10");
  if (config.queue > 1000) return wrong("queue", "must be at most 1000");
  if (config.long_window < 11 || config.long_window > 1'000'000) {
    return wrong("long_window", "must be 11 to 1M");
  }
  return Gradient{config};
}

Gradient::Gradient(const Config& config) noexcept
    : config_(config),
      smoothing_(config.smoothing),
      tolerance_(config.tolerance),
      limit_(std::int64_t{config.range.initial} << kLimitBits) {}

/// The plain mean of the first ten, then exponential with the factor 2 / (long_window + 1).
void Gradient::average(std::int64_t rtt) noexcept {
  if (calls_ < kWarmup) {
    long_ += (rtt - long_) / ++calls_;
    return;
  }
  const std::int64_t span = std::int64_t{config_.long_window} + 1;
  long_ += static_cast<std::int64_t>(static_cast<Int128>(rtt - long_) * 2 / span);
}

std::uint32_t Gradient::update(const CallSample& sample) noexcept {
  const std::int64_t rtt = std::clamp<std::int64_t>(sample.rtt.count(), 1, kRttMax) << kTimeBits;
  average(rtt);
  if (long_ / 2 > rtt) long_ -= long_ / 20;
  if (is_idle(sample, limit())) return limit();
  const Int128 tolerated = static_cast<Int128>(long_) * tolerance_.billionths() / Ratio::kOne;
  const Int128 scaled = (static_cast<Int128>(limit_) * tolerated) / rtt;
  const auto wanted = static_cast<std::int64_t>(std::clamp<Int128>(scaled, limit_ / 2, limit_)) +
                      (std::int64_t{config_.queue} << kLimitBits);
  limit_ += smoothing_.of(wanted - limit_);
  limit_ = std::clamp(limit_, std::int64_t{config_.range.min} << kLimitBits,
                      std::int64_t{config_.range.max} << kLimitBits);
  return limit();
}

}  // namespace headgate::resilience
