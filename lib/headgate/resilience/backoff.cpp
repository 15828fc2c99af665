#include "headgate/resilience/backoff.hpp"

#include <algorithm>
#include <array>

namespace headgate::resilience {
namespace {

constexpr std::array<std::string_view, 4> kJitters{"none", "full", "equal", "decorrelated"};

/// Uniform in `low` to `high`, both included.
Duration between(Duration low, Duration high, Random& random) noexcept {
  const auto width = static_cast<std::uint64_t>((high - low).count());
  return low + Duration{static_cast<std::int64_t>(random.below(width + 1))};
}

/// min(max, base * 2^retry), where the shift cannot overflow.
Duration doubled(Duration base, std::uint32_t retry, Duration max) noexcept {
  if (retry >= 63 || base.count() > (max.count() >> retry)) return max;
  return Duration{base.count() << retry};
}

}  // namespace

Result<Jitter> parse_jitter(std::string_view text) {
  const auto* found = std::ranges::find(kJitters, text);
  if (found == kJitters.end()) {
    return failed(Errc::kInvalidConfig, "jitter", "must be none, full, equal or decorrelated");
  }
  return static_cast<Jitter>(found - kJitters.begin());
}

std::string_view to_text(Jitter jitter) noexcept {
  return kJitters[static_cast<std::size_t>(jitter)];
}

Result<Backoff> Backoff::make(const Config& config) {
  if (config.base < std::chrono::microseconds{1}) {
    return failed(Errc::kInvalidConfig, "base", "must be at least 1us");
  }
  if (config.max < config.base || config.max > std::chrono::hours{24}) {
    return failed(Errc::kInvalidConfig, "max", "must be at least base and at most 24h");
  }
  return Backoff{config};
}

Duration Backoff::delay(std::uint32_t retry, Duration previous, Random& random) const noexcept {
  const Duration ceiling = doubled(config_.base, retry, config_.max);
  switch (config_.jitter) {
    case Jitter::kNone:
      return ceiling;
    case Jitter::kFull:
      return between(Duration::zero(), ceiling, random);
    case Jitter::kEqual:
      return between(ceiling / 2, ceiling, random);
    case Jitter::kDecorrelated:
      break;
  }
  const Duration last = retry == 0 ? config_.base : std::clamp(previous, config_.base, config_.max);
  return between(config_.base, std::min(config_.max, last * 3), random);
}

}  // namespace headgate::resilience
