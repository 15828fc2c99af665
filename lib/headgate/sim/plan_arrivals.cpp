#include "headgate/sim/plan_arrivals.hpp"

#include <chrono>
#include <cmath>

#include "headgate/sim/plan_load.hpp"

namespace headgate::sim {

Result<void> set_arrivals(const config::ScenarioConfig& scenario, Plan& plan) {
  if (!scenario.arrivals) return failed(Errc::kInvalidConfig, "arrivals", "must be given");
  plan.arrivals = *scenario.arrivals;
  if (!scenario.load) return {};
  if (plan.arrivals.is_closed()) {
    return failed(Errc::kInvalidConfig, "sweep.load", "sets a rate, which a closed loop has not");
  }
  const double rate = *scenario.load * full_load_of(plan);
  // A million seconds as the period keeps the rate to nine digits and the count far from overflow.
  constexpr double kPeriodSeconds = 1e6;
  if (!(rate > 0) || rate > 1e9) {
    return failed(Errc::kInvalidConfig, "sweep.load",
                  "gives no rate between 0 and 1G/s: the service has no finite capacity");
  }
  plan.arrivals = plan.arrivals.at_rate(
      make_rate(std::llround(rate * kPeriodSeconds), std::chrono::seconds{1'000'000}));
  return {};
}

Horizon horizon_of(const config::RunConfig& run) {
  Horizon horizon{.duration = run.duration, .jobs = run.jobs};
  if (!run.duration && !run.jobs) horizon.jobs = kJobsDefault;
  if (run.warmup) {
    horizon.warmup = *run.warmup;
  } else if (horizon.jobs) {
    horizon.warmup_jobs = *horizon.jobs / kWarmupPart;
    horizon.find_warmup = true;
  }
  return horizon;
}

}  // namespace headgate::sim
