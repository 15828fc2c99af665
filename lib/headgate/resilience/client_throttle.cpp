#include "headgate/resilience/client_throttle.hpp"

#include <algorithm>

namespace headgate::resilience {

Result<ClientThrottle> ClientThrottle::make(const Config& config) {
  if (config.k < 1.001 || config.k > 100) {
    return failed(Errc::kInvalidConfig, "k", "must be 1.001 to 100");
  }
  if (config.window < std::chrono::seconds{1} || config.window > std::chrono::hours{1}) {
    return failed(Errc::kInvalidConfig, "window", "must be 1s to 1h");
  }
  return ClientThrottle{config, static_cast<std::int64_t>(config.k * 2000 + 1) / 2};
}

ClientThrottle::Chance ClientThrottle::chance(TimePoint now) noexcept {
  window_.advance(now);
  const std::int64_t requests = window_.sum().requests;
  const std::int64_t taken = k_ * window_.sum().accepts;
  const auto of = static_cast<std::uint64_t>(1000 * (requests + 1));
  if (requests < min_requests_) return {.refused = 0, .of = of};
  const std::int64_t beyond = std::max<std::int64_t>(0, 1000 * requests - taken);
  return {.refused = static_cast<std::uint64_t>(beyond), .of = of};
}

bool ClientThrottle::allow(TimePoint now, Random& random) noexcept {
  const Chance refused = chance(now);
  window_.add({.requests = 1, .accepts = 0});
  if (refused.refused == 0 || random.below(refused.of) >= refused.refused) return true;
  ++refusals_;
  return false;
}

void ClientThrottle::accepted(TimePoint now) noexcept {
  window_.advance(now);
  window_.add({.requests = 0, .accepts = 1});
}

}  // namespace headgate::resilience
