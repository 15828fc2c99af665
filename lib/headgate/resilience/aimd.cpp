#include "headgate/resilience/aimd.hpp"

#include <algorithm>

namespace headgate::resilience {

Result<Aimd> Aimd::make(const Config& config) {
  if (auto checked = check_range(config.range); !checked) return std::unexpected(checked.error());
  if (config.backoff.of_one < 0.5 || config.backoff.of_one >= 1) {
    return failed(Errc::kInvalidConfig, "backoff", "must be at least 50% and below 100%");
  }
  if (config.timeout <= Duration::zero()) {
    return failed(Errc::kInvalidConfig, "timeout", "must be longer than 0s");
  }
  return Aimd{config};
}

std::uint32_t Aimd::update(const CallSample& sample) noexcept {
  if (sample.dropped || sample.rtt > config_.timeout) {
    limit_ = std::max(config_.range.min, static_cast<std::uint32_t>(backoff_.of(limit_)));
  } else if (!is_idle(sample, limit_)) {
    limit_ = std::min(config_.range.max, limit_ + 1);
  }
  return limit_;
}

}  // namespace headgate::resilience
