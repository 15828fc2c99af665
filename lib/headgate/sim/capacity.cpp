#include "headgate/sim/capacity.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/sim/plan_load.hpp"

namespace headgate::sim {
namespace {

// Rates are looked at in steps of a five-hundredth of full load.
constexpr std::uint32_t kSteps = 500;
// Targets that are tried at most, as a multiple of those that the work alone needs.
constexpr std::uint32_t kTargetsFactor = 8;

Rate rate_of(double per_second) {
  return make_rate(std::llround(per_second * 1e6), std::chrono::seconds{1'000'000});
}

// The greatest step in 0..kSteps that holds, if all before it do.
std::uint32_t last_that(const std::function<bool(std::uint32_t)>& holds, std::uint32_t steps) {
  std::uint32_t low = 0;
  std::uint32_t high = steps + 1;  // does not hold, or was not asked
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

// Asks the simulator about rates and numbers of targets, each only once.
class Prober {
 public:
  Prober(Plan plan, const config::RunConfig& run, std::size_t service,
         const ExperimentOptions& options)
      : plan_(std::move(plan)), run_(run), service_(service), options_(options) {
    run_.precision.reset();
  }

  // The figures at that rate with so many targets; nothing if it was interrupted.
  const PointResult* at(double rate, std::size_t targets) {
    const auto [found, is_new] = known_.try_emplace({rate, targets}, nullptr);
    if (!is_new) return found->second.get();
    auto point = std::make_unique<PointResult>(PointResult::At{}, plan_of(rate, targets));
    if (!run_point(*point, run_, options_)) return nullptr;
    return (found->second = std::move(point)).get();
  }

  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }

 private:
  [[nodiscard]] Plan plan_of(double rate, std::size_t targets) const {
    Plan plan = plan_;
    plan.arrivals = plan.arrivals.at_rate(rate_of(rate));
    std::vector<TargetPlan>& of = plan.services[service_].targets;
    while (of.size() < targets) {
      of.push_back(of.front());
      of.back().name = plan.services[service_].name + "/" + std::to_string(of.size() - 1);
    }
    of.resize(targets, of.front());
    return plan;
  }

  Plan plan_;
  config::RunConfig run_;
  std::size_t service_;
  const ExperimentOptions& options_;
  std::map<std::pair<double, std::size_t>, std::unique_ptr<PointResult>> known_;
};

const stats::Bound& bound_of(const stats::Expectation& slo) {
  return std::get<stats::Bound>(slo.claim);
}

enum class End { kLow, kValue, kHigh };  // of the metric's interval

// Whether that end of the metric's interval is within the bound. What has no such figure keeps no
// promise.
bool keeps(const PointResult* point, const stats::Expectation& slo, End end) {
  if (point == nullptr) return false;
  const auto estimate = point->estimate(slo.metric);
  if (!estimate) return false;
  const double value = end == End::kLow    ? estimate->low
                       : end == End::kHigh ? estimate->high
                                           : estimate->value;
  const stats::Bound& bound = bound_of(slo);
  return bound.relation == stats::Relation::kLess ? value < bound.value : value <= bound.value;
}

stats::Estimate highest_rate(Prober& prober, const stats::Expectation& slo, double full_load,
                             std::size_t targets) {
  const double step = full_load / kSteps;
  // At full load itself there may be no steady state.
  const auto highest = [&](End end) {
    return step *
           last_that([&](std::uint32_t k) { return keeps(prober.at(step * k, targets), slo, end); },
                     kSteps - 1);
  };
  return {.value = highest(End::kValue),
          .low = highest(End::kHigh),
          .high = highest(End::kLow),
          .confidence = kConfidence};
}

// The fewest targets that keep the promise at `rate`, surely. Halving, as more targets are better.
std::optional<std::uint32_t> fewest(Prober& prober, const stats::Expectation& slo, double rate,
                                    std::uint32_t least) {
  std::uint32_t low = least - 1;  // cannot do the work at all
  std::uint32_t high = least;
  const auto enough = [&](std::uint32_t targets) {
    return keeps(prober.at(rate, targets), slo, End::kHigh);
  };
  while (!enough(high)) {
    low = high;
    high += std::max(1U, high / 2);
    if (high > least * kTargetsFactor) return std::nullopt;
  }
  while (high - low > 1) {
    const std::uint32_t middle = low + (high - low) / 2;
    (enough(middle) ? high : low) = middle;
  }
  return high;
}

// `response_time.p99 < 50ms` for the next quantile.
std::optional<stats::Expectation> next_nine(const stats::Expectation& slo) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kNext{
      {{".p50", ".p90"}, {".p90", ".p99"}, {".p95", ".p99"}, {".p99", ".p999"}}};
  for (const auto& [from, to] : kNext) {
    if (!slo.metric.ends_with(from)) continue;
    stats::Expectation next = slo;
    next.metric.replace(next.metric.size() - from.size(), from.size(), to);
    next.text.replace(0, slo.metric.size(), next.metric);
    return next;
  }
  return std::nullopt;
}

std::vector<stats::CurvePoint> curve_of(Prober& prober, double full_load, std::size_t targets) {
  constexpr std::uint32_t kPoints = 19;
  std::vector<stats::CurvePoint> curve;
  for (std::uint32_t i = 1; i <= kPoints; ++i) {
    const std::uint32_t step = i * kSteps / (kPoints + 1);  // on the grid of the search
    const double rate = full_load / kSteps * step;
    const PointResult* point = prober.at(rate, targets);
    const auto mean = point == nullptr ? std::nullopt : point->estimate("response_time.mean");
    if (mean) curve.push_back({.x = rate, .y = mean->value});
  }
  return curve;
}

std::optional<double> price_per_million(const config::ScenarioConfig& scenario,
                                        const std::string& service, std::uint32_t targets,
                                        double rate) {
  const auto found = std::ranges::find(scenario.prices, service, &config::ServicePrice::name);
  if (found == scenario.prices.end()) return std::nullopt;
  return found->target_hour * targets / (rate * 3600) * 1e6;
}

Result<std::size_t> service_of(const Plan& plan, const std::string& name) {
  if (name.empty()) return std::size_t{0};
  const auto found = std::ranges::find(plan.services, name, &ServicePlan::name);
  if (found != plan.services.end()) {
    return static_cast<std::size_t>(found - plan.services.begin());
  }
  return failed(Errc::kInvalidArgument, "services", "has no service '" + name + "'");
}

Result<Plan> plan_for(const config::Scenario& scenario, const CapacityQuestion& question) {
  const auto* bound = std::get_if<stats::Bound>(&question.slo.claim);
  if (bound == nullptr ||
      (bound->relation != stats::Relation::kLess && bound->relation != stats::Relation::kAtMost)) {
    return failed(Errc::kInvalidArgument, question.slo.text,
                  "is no promise; write an upper bound such as response_time.p99 < 50ms");
  }
  if (scenario.points.size() != 1) {
    return failed(Errc::kInvalidConfig, "sweep",
                  "has several points, and a capacity is that of one; put one value in, as in "
                  "--set sweep.load=[0.5]");
  }
  auto plan = make_plan(scenario.base());
  if (!plan) return plan;
  if (!plan->arrivals.rate() || !std::isfinite(full_load_of(*plan))) {
    return failed(Errc::kInvalidConfig, "arrivals",
                  "need a rate, and the services a capacity, for a highest rate to be asked");
  }
  return plan;
}

}  // namespace

double Capacity::headroom() const noexcept {
  return highest.value > 0 ? 1 - rate / highest.value : -1;
}

Result<Capacity> find_capacity(const config::Scenario& scenario, const CapacityQuestion& question,
                               const ExperimentOptions& options) {
  auto plan = plan_for(scenario, question);
  if (!plan) return std::unexpected(plan.error());
  const auto service = service_of(*plan, question.service);
  if (!service) return std::unexpected(service.error());
  const ServicePlan& of = plan->services[*service];
  const std::optional<Rate> rate = plan->arrivals.rate();
  HG_ASSERT(rate.has_value());  // plan_for has seen to it
  Capacity found{.slo = question.slo.text,
                 .service = of.name,
                 .targets = static_cast<std::uint32_t>(of.targets.size()),
                 .rate = rate->per_second(),
                 .full_load = full_load_of(*plan)};
  // The work alone: at the scenario's rate so many of these targets are busy.
  const double busy = found.rate / found.full_load * found.targets;
  const auto least = static_cast<std::uint32_t>(std::floor(busy)) + 1;
  Prober prober(std::move(*plan), scenario.base().run, *service, options);
  found.highest = highest_rate(prober, question.slo, found.full_load, found.targets);
  found.curve = curve_of(prober, found.full_load, found.targets);
  found.knee = stats::kneedle(found.curve);
  found.twice = stats::grown_to(found.curve, 2);
  const auto replicas = [&](const stats::Expectation& slo) -> std::optional<Replicas> {
    const auto needed = fewest(prober, slo, found.rate, least);
    if (!needed) return std::nullopt;
    return Replicas{
        .slo = slo.text,
        .needed = *needed,
        .per_million = price_per_million(scenario.base(), found.service, *needed + 1, found.rate)};
  };
  found.replicas = replicas(question.slo);
  if (const auto next = next_nine(question.slo)) found.next_nine = replicas(*next);
  if (options.stop != nullptr && options.stop->load()) {
    return failed(Errc::kTimeout, "capacity", "was interrupted");
  }
  return found;
}

}  // namespace headgate::sim
