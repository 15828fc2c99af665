#include "headgate/resilience/vegas.hpp"

#include <algorithm>

#include "headgate/core/wide.hpp"

namespace headgate::resilience {
namespace {

/// max(1, floor(log10(limit))), for a limit up to a million.
constexpr std::int64_t log10_of(std::int64_t limit) noexcept {
  std::int64_t log = 0;
  for (; limit >= 10; limit /= 10) ++log;
  return std::max<std::int64_t>(1, log);
}

}  // namespace

Result<Vegas> Vegas::make(const Config& config) {
  if (auto checked = check_range(config.range); !checked) return std::unexpected(checked.error());
  if (config.probe < 1 || config.probe > 1'000'000) {
    return failed(Errc::kInvalidConfig, "probe", "must be 1 to 1M");
  }
  return Vegas{config};
}

std::uint32_t Vegas::update(const CallSample& sample, Random& random) noexcept {
  const std::int64_t rtt = std::max<std::int64_t>(1, sample.rtt.count());
  ++calls_;
  const Uint128 due = static_cast<Uint128>(jitter_) * config_.probe * limit_;
  if (static_cast<Uint128>(calls_) << 32 >= due) {
    jitter_ = (random.bits() >> 33) + (std::uint64_t{1} << 31);
    calls_ = 0;
    rtt_idle_ = rtt;
  } else if (rtt_idle_ == 0 || rtt < rtt_idle_) {
    rtt_idle_ = rtt;
  } else {
    const std::int64_t next = next_limit(sample, rtt);
    limit_ = static_cast<std::uint32_t>(
        std::clamp<std::int64_t>(next, config_.range.min, config_.range.max));
  }
  return limit_;
}

/// ceil(limit * (1 - idle / rtt)).
std::int64_t Vegas::queue_at(std::int64_t rtt) const noexcept {
  const Int128 waiting = static_cast<Int128>(limit_) * (rtt - rtt_idle_);
  return static_cast<std::int64_t>((waiting + rtt - 1) / rtt);
}

std::int64_t Vegas::next_limit(const CallSample& sample, std::int64_t rtt) const noexcept {
  const std::int64_t limit = limit_;
  const std::int64_t step = log10_of(limit);
  if (sample.dropped) return limit - step;
  if (is_idle(sample, limit_)) return limit;
  const std::int64_t queue = queue_at(rtt);
  if (queue <= step) return limit + 6 * step;
  if (queue < 3 * step) return limit + step;
  if (queue > 6 * step) return limit - step;
  return limit;
}

}  // namespace headgate::resilience
