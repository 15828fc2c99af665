// Counting and finding available targets, for the rare pick that has hit an unavailable one.
#pragma once

#include <cstddef>
#include <span>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

[[nodiscard]] inline std::size_t available_count(std::span<const Target> targets) noexcept {
  std::size_t count = 0;
  for (const Target& target : targets) count += target.available ? 1U : 0U;
  return count;
}

/// The index of the available target with `rank` available ones before it. Requires: there is one.
[[nodiscard]] inline std::size_t nth_available(std::span<const Target> targets,
                                               std::size_t rank) noexcept {
  std::size_t index = 0;
  while (!targets[index].available || rank-- > 0) ++index;
  return index;
}

}  // namespace headgate::balance
