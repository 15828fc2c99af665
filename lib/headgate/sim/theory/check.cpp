#include "headgate/sim/theory/check.hpp"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include "headgate/config/scenario_config.hpp"
#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/figures.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/replication.hpp"

namespace headgate::sim::theory {
namespace {

const std::atomic<bool> kGoesOn{false};

// Enough for Student's t at 99.9 % to be near the normal's.
constexpr std::size_t kReplicationsFirst = 24;

double half_width_of(const stats::Estimate& estimate) { return (estimate.high - estimate.low) / 2; }

Result<Plan> plan_of(const Setup& setup) {
  const std::string where = setup.family.name + ": " + setup.name;
  const auto scenario = config::load_scenario_text(setup.scenario, where);
  if (!scenario.ok()) {
    std::string why;
    for (const config::Diagnostic& diagnostic : scenario.diagnostics) {
      why += (why.empty() ? "" : "; ") + config::to_text(diagnostic);
    }
    return failed(Errc::kInvalidConfig, where, why);
  }
  auto plan = make_plan(scenario.value.base());
  if (!plan) {
    return failed(Errc::kInvalidConfig, where, plan.error().where + ": " + plan.error().why);
  }
  return plan;
}

Finding judge_claim(const Claim& claim, const PointResult& point) {
  const auto estimate = point.estimate(claim.figure, kTheoryConfidence);
  if (!estimate || estimate->confidence <= 0) {
    return {.claim = claim, .estimate = {}, .holds = Holds::kNoFigure};
  }
  Finding finding{.claim = claim, .estimate = *estimate, .holds = Holds::kYes};
  // A histogram rounds its quantiles up, by a bucket's width at most (stats/histogram.hpp).
  if (quantile_of(claim.figure)) finding.estimate.low -= finding.estimate.value / 1024;
  if (claim.exact < finding.estimate.low || claim.exact > finding.estimate.high) {
    finding.holds = Holds::kNo;
  } else if (half_width_of(*estimate) > claim.tolerance) {
    finding.holds = Holds::kTooWide;
  }
  return finding;
}

// How many replications make every interval as narrow as it must be, as far as those there are
// tell: a half-width shrinks with the square root of their number. A tenth more, so that the next
// look seldom misses by a hair, and at most twice as many at a time.
std::size_t replications_wanted(const Setup& setup, const PointResult& point) {
  double widest = 0;  // over what is tolerated
  for (const Claim& claim : setup.claims) {
    const auto estimate = point.estimate(claim.figure, kTheoryConfidence);
    if (estimate) widest = std::max(widest, half_width_of(*estimate) / claim.tolerance);
  }
  const auto now = static_cast<double>(point.replications());
  if (widest <= 1) return point.replications();
  return static_cast<std::size_t>(std::ceil(now * std::min(2.0, 1.1 * widest * widest)));
}

// One look at a scenario, with streams of its own.
SetupFindings look_at(const Setup& setup, const Plan& plan, std::uint64_t number,
                      const CheckOptions& options, const std::atomic<bool>& stop) {
  SetupFindings result{.setup = setup, .findings = {}, .requests = 0};
  PointResult point({}, plan);
  // Scenarios do not share streams: one unlucky draw must not show in all of them.
  const std::uint64_t seed =
      hash64(setup.family.name, hash64(setup.name, combine64(options.seed, number)));
  std::size_t wanted = kReplicationsFirst;
  while (point.replications() < wanted && result.requests < options.requests_max) {
    const Outcome outcome = replicate(point.plan(), combine64(seed, point.replications()), stop);
    if (outcome.interrupted || stop.load()) break;
    point.add(outcome);
    result.requests += outcome.totals.scheduled + outcome.warmup_requests;
    if (point.replications() == wanted) wanted = replications_wanted(setup, point);
  }
  for (const Claim& claim : setup.claims) {
    result.findings.push_back(stop.load() ? Finding{.claim = claim, .estimate = {}}
                                          : judge_claim(claim, point));
  }
  return result;
}

// One scenario to its findings, on the calling thread.
SetupFindings check_setup(const Setup& setup, const Plan& plan, const CheckOptions& options,
                          const std::atomic<bool>& stop) {
  SetupFindings first = look_at(setup, plan, 0, options, stop);
  const auto missed = [](const Finding& finding) { return finding.holds == Holds::kNo; };
  if (std::ranges::none_of(first.findings, missed)) return first;
  SetupFindings second = look_at(setup, plan, 1, options, stop);
  second.looks = 2;
  second.requests += first.requests;
  return second;
}

}  // namespace

Result<std::vector<SetupFindings>> check(std::span<const Setup> setups,
                                         const CheckOptions& options) {
  HG_ASSERT(options.threads >= 1);
  const std::atomic<bool>& stop = options.stop == nullptr ? kGoesOn : *options.stop;
  std::vector<Plan> plans;  // all of them first: a mistake is said at once
  for (const Setup& setup : setups) {
    auto plan = plan_of(setup);
    if (!plan) return std::unexpected(plan.error());
    plans.push_back(std::move(*plan));
  }
  std::vector<SetupFindings> results(setups.size());
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> done{0};
  const auto work = [&](bool tells) {
    for (std::size_t i = next++; i < setups.size(); i = next++) {
      results[i] = check_setup(setups[i], plans[i], options, stop);
      ++done;
      if (tells && options.progress) options.progress(done.load());
    }
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::min<std::size_t>(options.threads, setups.size()); ++i) {
    others.emplace_back(work, false);
  }
  work(true);
  others.clear();  // joins
  return results;
}

bool all_hold(std::span<const SetupFindings> findings) noexcept {
  return std::ranges::all_of(findings, [](const SetupFindings& of_setup) {
    return std::ranges::all_of(of_setup.findings,
                               [](const Finding& finding) { return finding.holds == Holds::kYes; });
  });
}

}  // namespace headgate::sim::theory
