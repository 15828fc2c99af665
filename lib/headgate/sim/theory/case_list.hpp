// How the files of cases write theirs down: scenarios put together from their lines, exact values
// in service times.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/sim/theory/cases.hpp"

namespace headgate::sim::theory {

/// The mean service time of all scenarios, in nanoseconds.
inline constexpr double kUnitNs = 1e6;
inline constexpr std::string_view kExponential = "{exponential: 1ms}";
inline constexpr std::string_view kConstant = "{constant: 1ms}";

/// A duration of `exact` service times, known to `share` of it.
[[nodiscard]] inline Claim time_claim(std::string figure, double exact, double share) {
  return {std::move(figure), exact * kUnitNs, exact * kUnitNs * share};
}
/// A share or a number of anything else, known to `share` of it.
[[nodiscard]] inline Claim count_claim(std::string figure, double exact, double share) {
  return {std::move(figure), exact, exact * share};
}
/// A small share: known to 2 % of it, or to 0.0005.
[[nodiscard]] inline Claim loss_claim(std::string figure, double exact) {
  return {std::move(figure), exact, std::max(0.02 * exact, 5e-4)};
}

/// `{poisson: 800/s}` for 0.8 requests per unit.
[[nodiscard]] std::string poisson(double per_unit);
/// `{constant: 800/s}`.
[[nodiscard]] std::string paced(double per_unit);

/// One service `s` without a gateway, with `body` as what stands between its braces.
struct Direct {
  std::string arrivals;
  std::string body;
  std::uint64_t jobs = 50'000;  ///< of one replication
  std::string clients = {};     ///< what stands between the braces of `clients`
  std::string run = {};         ///< what stands behind the jobs in `run`
};
[[nodiscard]] std::string to_scenario(const Direct& direct);

/// A service `s` behind a gateway with one route.
struct Gatewayed {
  std::string arrivals;
  std::string filter = {};   ///< of the route, such as `rate_limit: {…}`; may be empty
  std::string service = {};  ///< what the gateway says of `s` after its target, as `breaker: {…}`
  std::string body = "servers: 1000, time: {constant: 1us}";
  std::uint64_t jobs = 40'000;
};
[[nodiscard]] std::string to_scenario(const Gatewayed& gatewayed);

class CaseList {
 public:
  /// What is added from here on belongs to it.
  void family(Family family) { family_ = std::move(family); }
  void add(std::string name, std::string scenario, std::vector<Claim> claims) {
    setups_.push_back(
        {family_, std::move(name), std::move(scenario), std::move(claims), /*quick=*/false});
  }
  void add_quick(std::string name, std::string scenario, std::vector<Claim> claims) {
    add(std::move(name), std::move(scenario), std::move(claims));
    setups_.back().quick = true;
  }
  [[nodiscard]] std::vector<Setup> take() { return std::move(setups_); }

 private:
  Family family_;
  std::vector<Setup> setups_;
};

// A file each.
void add_queue_cases(CaseList& list);
void add_general_cases(CaseList& list);
void add_balance_cases(CaseList& list);
void add_limit_cases(CaseList& list);
void add_client_cases(CaseList& list);
void add_model_cases(CaseList& list);
void add_arrival_cases(CaseList& list);
void add_kafka_cases(CaseList& list);

}  // namespace headgate::sim::theory
