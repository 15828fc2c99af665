#include "headgate/sim/experiment.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::sim {
namespace {

// An interrupted run lacks points and replications, so its "no" says nothing yet.
std::vector<Judged> judge(const config::Scenario& scenario, const Results& results) {
  std::vector<stats::Point> points;
  points.reserve(results.points.size());
  for (const PointResult& result : results.points) {
    points.push_back(
        {.at = {result.at().begin(), result.at().end()},
         .metric = [&result](std::string_view name) { return result.estimate(name); }});
  }
  std::vector<Judged> judged;
  for (const stats::Expectation& expectation : scenario.base().expect) {
    stats::Verdict verdict = stats::evaluate(expectation, points);
    if (results.interrupted && !verdict.passed) verdict.certain = false;
    judged.push_back({expectation, std::move(verdict)});
  }
  return judged;
}

}  // namespace

bool Results::passed() const noexcept {
  return std::ranges::all_of(expect, [](const Judged& j) { return j.verdict.passed; });
}

ExitCode Results::exit_code() const noexcept {
  const auto failed_surely = [](const Judged& j) { return !j.verdict.passed && j.verdict.certain; };
  const auto in_doubt = [](const Judged& j) { return !j.verdict.certain; };
  if (std::ranges::any_of(expect, failed_surely)) return ExitCode::kNo;
  return std::ranges::any_of(expect, in_doubt) ? ExitCode::kInconclusive : ExitCode::kYes;
}

Result<Results> run_experiment(const config::Scenario& scenario, const ExperimentOptions& options) {
  HG_ASSERT(options.threads >= 1);
  const config::RunConfig& run = scenario.base().run;
  Results results;
  results.question = scenario.base().question;
  results.seed = run.seed;
  results.points.reserve(scenario.points.size());
  for (const config::ScenarioPoint& point : scenario.points) {
    auto plan = make_plan(point.scenario);
    if (!plan) return std::unexpected(plan.error());
    results.points.emplace_back(point.at, std::move(*plan));
  }
  std::size_t done = 0;
  while (done < results.points.size() && !results.interrupted) {
    PointResult& point = results.points[done];
    results.interrupted = !run_point(point, scenario.points[done].scenario.run, options);
    done += point.replications() > 0 ? 1 : 0;
  }
  results.points.erase(results.points.begin() + static_cast<std::ptrdiff_t>(done),
                       results.points.end());
  results.expect = judge(scenario, results);
  return results;
}

}  // namespace headgate::sim
