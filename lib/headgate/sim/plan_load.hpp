// How much work a plan's requests bring, and how much can be done.
#pragma once

#include <string>
#include <vector>

#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// Who has work to do: a service, the consumers of a topic or those of a queue.
struct Demand {
  std::string name;           ///< its path in the scenario: `services.orders`
  double capacity_per_s = 0;  ///< calls that it can finish; infinite if they take no time
  bool is_bounded = false;    ///< whether more than that is refused or leaves, and does not pile up
  double calls = 0;           ///< that a request makes of it on average
  double unlimited_calls = 0;  ///< those of them that no rate limit stands before
};

[[nodiscard]] std::vector<Demand> demands_of(const Plan& plan);

/// Requests per second at which the busiest of them has as much work as it can do; infinite if none
/// has a limit.
[[nodiscard]] double full_load_of(const Plan& plan);

}  // namespace headgate::sim
