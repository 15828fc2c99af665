// Targets in the order of their ids, for policies that must not depend on the order of the config.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

/// Indices into `infos`, by ascending id.
[[nodiscard]] inline std::vector<std::uint32_t> order_by_id(std::span<const TargetInfo> infos) {
  std::vector<std::uint32_t> order(infos.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(order, {}, [&](std::uint32_t index) { return infos[index].id; });
  return order;
}

}  // namespace headgate::balance
