// What a scenario's services can carry under a promise, and what that costs.
//
// The promise is a bound such as `response_time.p99 < 50ms`. Whether a rate keeps it is asked of
// the same replications with the same draws at every rate (common random numbers), so that the
// answer changes once along the rates and can be found by halving. The interval of the highest rate
// is where the interval of the metric crosses the bound: `low` keeps the promise even by its upper
// end, `high` only by its lower end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/report/json.hpp"
#include "headgate/sim/point_runner.hpp"
#include "headgate/stats/expectation.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/knee.hpp"

namespace headgate::sim {

struct CapacityQuestion {
  stats::Expectation slo;  ///< an upper bound: `<` or `<=`
  std::string service;     ///< whose targets may be more or fewer; empty: the first
};

/// How many targets keep a promise at the scenario's own rate.
struct Replicas {
  std::string slo;
  std::uint32_t needed = 0;                ///< N; with N + 1 one may fail
  std::optional<double> per_million = {};  ///< the price of a million requests by N + 1 targets
};

struct Capacity {
  std::string slo;
  std::string service;
  std::uint32_t targets = 0;  ///< as the scenario has them
  double rate = 0;            ///< of the scenario, requests per second
  double full_load = 0;       ///< the rate at which the busiest service has no rest
  /// Rate under the promise; 0 if even a five-hundredth of full load breaks it.
  stats::Estimate highest = {};
  std::vector<stats::CurvePoint> curve = {};  ///< mean response time in ns over the rate
  std::optional<double> knee = {};            ///< rate, by kneedle
  std::optional<double> twice = {};  ///< rate at which the mean is twice that of an idle system
  std::optional<Replicas> replicas = {};  ///< nothing if no number of targets keeps the promise
  std::optional<Replicas> next_nine =
      {};  ///< the same bound for the next quantile, where there is one

  /// The part of the highest rate that is free; negative if the scenario asks for more.
  [[nodiscard]] double headroom() const noexcept;
};

/// Fails with kInvalidConfig or kInvalidArgument if the scenario has several points, a closed loop
/// or no finite capacity, if the promise is no upper bound, or if there is no such service.
[[nodiscard]] Result<Capacity> find_capacity(const config::Scenario& scenario,
                                             const CapacityQuestion& question,
                                             const ExperimentOptions& options);

[[nodiscard]] std::string capacity_text(const Capacity& capacity);
/// `headgate.capacity/1`.
[[nodiscard]] report::Json capacity_json(const Capacity& capacity);

}  // namespace headgate::sim
