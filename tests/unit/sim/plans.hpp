// Plans built by hand for the tests of the model: one service, one kind of request, no gateway
// file.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "headgate/sim/figures.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/replication.hpp"
#include "headgate/stats/interval.hpp"

namespace headgate::sim::test {

using namespace std::chrono_literals;

/// The mean service time of all these plans: closed forms are in multiples of it.
inline constexpr Duration kUnit = 1ms;
inline constexpr double kUnitNs = 1e6;

inline arrival::Distribution exponential() {
  return arrival::Distribution::exponential(kUnit).value();
}
inline arrival::Distribution constant() { return arrival::Distribution::constant(kUnit).value(); }

/// `per_unit` requests per mean service time.
inline Rate rate(double per_unit) {
  return make_rate(static_cast<std::int64_t>(per_unit * 1e9), Duration{1'000'000 * kUnit} * 1000);
}

struct Shape {
  arrival::Arrivals arrivals;
  arrival::Distribution time = exponential();
  std::uint32_t targets = 1;
  Station::Options station = {};
  std::string balance = "random";
  std::uint64_t jobs = 20'000;
};

inline Plan plan_of(const Shape& shape) {
  Plan plan;
  plan.arrivals = shape.arrivals;
  plan.kinds.push_back({.share_up_to = 1, .route = 0});
  plan.routes.push_back({.name = "all", .filters = {}, .service = 0});
  ServicePlan service{.name = "s", .targets = {}, .balance = {.policy = shape.balance}};
  for (std::uint32_t i = 0; i < shape.targets; ++i) {
    service.targets.push_back(
        {.name = "s/" + std::to_string(i), .station = shape.station, .time = shape.time});
  }
  plan.services.push_back(std::move(service));
  plan.horizon.jobs = shape.jobs;
  plan.horizon.warmup_jobs = shape.jobs / 10;
  return plan;
}

inline arrival::Arrivals poisson(double per_unit) {
  return {arrival::PoissonArrivals{rate(per_unit)}};
}
inline arrival::Arrivals paced(double per_unit) {
  return {arrival::ConstantArrivals{rate(per_unit)}};
}

inline ratelimit::Spec token_bucket(Rate rate, std::int64_t burst) {
  ratelimit::Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = rate;
  spec.burst = Tokens{burst};
  return spec;
}
inline ratelimit::Spec fixed_window(std::int64_t limit, Duration window) {
  ratelimit::Spec spec;
  spec.algorithm = "fixed_window";
  spec.limit = Tokens{limit};
  spec.window = window;
  return spec;
}

/// A route's limiter, counting all requests as one caller.
inline void add_limiter(Plan& plan, ratelimit::Spec spec) {
  plan.routes[0].filters.push_back({.kind = FilterPlan::Kind::kRateLimit,
                                    .index = static_cast<std::uint32_t>(plan.limiters.size())});
  plan.limiters.push_back({.spec = std::move(spec), .callers = {{"127.0.0.1"}}});
}

inline Outcome run(const Plan& plan, std::uint64_t seed) {
  static const std::atomic<bool> never{false};
  return replicate(plan, seed, never);
}

/// The figures of `replications` replications with the seeds 1, 2, …
class Sample {
 public:
  Sample(const Plan& plan, std::uint64_t replications) : names_(plan) {
    for (std::uint64_t seed = 1; seed <= replications; ++seed) {
      figures_.push_back(figures_of(plan, run(plan, seed)));
    }
  }
  /// With an interval that misses once in a thousand.
  [[nodiscard]] stats::Estimate operator[](const std::string& figure) const {
    std::vector<double> values;
    for (const auto& replication : figures_) values.push_back(replication.at(names_.find(figure)));
    return stats::mean_interval(values, 0.999);
  }

 private:
  FigureNames names_;
  std::vector<std::vector<double>> figures_;
};

}  // namespace headgate::sim::test
