#include "headgate/sim/experiment.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/sim/differences.hpp"
#include "headgate/sim/steady_state.hpp"

namespace headgate::sim {
namespace {

double most_jobs(const Results& results) {
  std::uint64_t most = 0;
  for (const PointResult& point : results.points) most = std::max(most, point.totals().scheduled);
  return static_cast<double>(most);
}

// An interrupted run lacks points and replications, so its "no" says nothing yet.
std::vector<Judged> judge(const config::Scenario& scenario, const Results& results) {
  std::vector<stats::Point> points;
  points.reserve(results.points.size());
  for (const PointResult& result : results.points) {
    points.push_back(
        {.at = {result.at().begin(), result.at().end()},
         .metric = [&result](std::string_view name) { return result.estimate(name); },
         .difference =
             [&result, &points, &results](std::string_view name, const stats::Point& other) {
               const PointResult& less =
                   results.points[static_cast<std::size_t>(&other - points.data())];
               const auto found = difference(result, less, name);
               return found ? std::optional{found->estimate} : std::nullopt;
             }});
  }
  std::vector<Judged> judged;
  for (const stats::Expectation& expectation : scenario.base().expect) {
    stats::Verdict verdict = stats::evaluate(expectation, points);
    if (results.interrupted && !verdict.passed) verdict.certain = false;
    judged.push_back(
        {.expectation = expectation, .verdict = std::move(verdict), .jobs_needed = {}});
    const stats::Verdict& given = judged.back().verdict;
    if (!given.certain && std::isfinite(given.effort)) {
      judged.back().jobs_needed = given.effort * most_jobs(results);
    }
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

Result<std::vector<Plan>> plan_points(const config::Scenario& scenario) {
  std::vector<Plan> plans;
  plans.reserve(scenario.points.size());
  for (const config::ScenarioPoint& point : scenario.points) {
    auto plan = make_plan(point.scenario);
    if (!plan) return std::unexpected(plan.error());
    if (const auto steady = check_steady_state(point.scenario, *plan); !steady) {
      return std::unexpected(steady.error());
    }
    plans.push_back(std::move(*plan));
  }
  return plans;
}

Result<std::vector<PointResult>> start_points(const config::Scenario& scenario) {
  auto plans = plan_points(scenario);
  if (!plans) return std::unexpected(plans.error());
  std::vector<PointResult> points;
  points.reserve(plans->size());
  for (std::size_t i = 0; i < plans->size(); ++i) {
    points.emplace_back(scenario.points[i].at, std::move((*plans)[i]));
  }
  return points;
}

Results conclude(const config::Scenario& scenario, std::vector<PointResult> points,
                 bool interrupted) {
  const config::RunConfig& run = scenario.base().run;
  Results results{.question = scenario.base().question,
                  .seed = run.seed,
                  .on = run.on,
                  .points = std::move(points),
                  .expect = {},
                  .interrupted = interrupted};
  results.expect = judge(scenario, results);
  return results;
}

Result<Results> run_experiment(const config::Scenario& scenario, const ExperimentOptions& options) {
  HG_ASSERT(options.threads >= 1);
  auto points = start_points(scenario);
  if (!points) return std::unexpected(points.error());
  std::size_t done = 0;
  bool interrupted = false;
  ExperimentOptions of_point = options;
  if (options.progress) {
    of_point.progress = [&](Progress progress) {
      const auto before = static_cast<double>(done);
      progress.share = (before + progress.share) / static_cast<double>(points->size());
      options.progress(progress);
    };
  }
  while (done < points->size() && !interrupted) {
    PointResult& point = (*points)[done];
    interrupted = !run_point(point, scenario.points[done].scenario.run, of_point);
    done += point.replications() > 0 ? 1 : 0;
  }
  points->erase(points->begin() + static_cast<std::ptrdiff_t>(done), points->end());
  return conclude(scenario, std::move(*points), interrupted);
}

}  // namespace headgate::sim
