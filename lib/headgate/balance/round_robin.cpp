#include "headgate/balance/round_robin.hpp"

namespace headgate::balance {

std::optional<std::size_t> RoundRobin::pick(std::span<const Target> targets, Random&) noexcept {
  for (std::size_t passed = 0; passed < targets.size(); ++passed) {
    if (next_ >= targets.size()) next_ = 0;
    const std::size_t candidate = next_++;
    if (targets[candidate].available) return candidate;
  }
  return std::nullopt;
}

}  // namespace headgate::balance
