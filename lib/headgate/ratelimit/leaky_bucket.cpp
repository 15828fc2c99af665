#include "headgate/ratelimit/leaky_bucket.hpp"

#include <cstdint>

namespace headgate::ratelimit {

Result<LeakyBucket> LeakyBucket::make(const Config& config) {
  constexpr std::int64_t kBurstMax = 999'999'999;
  if (config.burst.count < 0 || config.burst.count > kBurstMax) {
    return failed(Errc::kInvalidConfig, "burst", "must be 0 to 999999999");
  }
  auto bucket = TokenBucket::make({.rate = config.rate, .burst = {config.burst.count + 1}});
  if (!bucket) return std::unexpected(bucket.error());
  return LeakyBucket{*bucket};
}

}  // namespace headgate::ratelimit
