#include "headgate/sim/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <span>
#include <thread>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/replication.hpp"

namespace headgate::sim {
namespace {

const std::atomic<bool> kNeverStops{false};

// Replications first..first+count-1 of `plan`, in order, on up to `threads` threads.
std::vector<std::optional<Outcome>> replicate_batch(const Plan& plan, std::uint64_t seed,
                                                    std::size_t first, std::size_t count,
                                                    unsigned threads,
                                                    const std::atomic<bool>& stop) {
  std::vector<std::optional<Outcome>> outcomes(count);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < count && !stop.load(); i = next++) {
      outcomes[i] = replicate(plan, combine64(seed, first + i), stop);
    }
  };
  std::vector<std::jthread> others;
  for (unsigned i = 1; i < std::min<std::size_t>(threads, count); ++i) others.emplace_back(work);
  work();
  others.clear();  // joins
  return outcomes;
}

// Outcomes are large (two histograms); a batch holds no more of them than this.
constexpr std::size_t kBatchMax = 32;

double half_width(const stats::Estimate& estimate) { return (estimate.high - estimate.low) / 2; }

// How many replications `on` needs for the asked precision, judged by those there are: the
// half-width shrinks with the square root of their number. A twentieth more, so that the next
// look seldom misses by a hair.
std::size_t replications_needed(const PointResult& point, const std::vector<std::string>& on,
                                double precision) {
  double factor = 0;
  for (const std::string& figure : on) {
    const auto estimate = point.estimate(figure);
    if (!estimate || estimate->value <= 0) return kReplicationsMax;
    const double ratio = half_width(*estimate) / (estimate->value * precision);
    factor = std::max(factor, ratio);
  }
  const auto now = static_cast<double>(point.replications());
  if (factor <= 1) return point.replications();
  return static_cast<std::size_t>(
      std::min(std::ceil(now * factor * factor * 1.05), static_cast<double>(kReplicationsMax)));
}

// Runs one point to its end. Returns false if it was interrupted.
class PointRunner {
 public:
  PointRunner(PointResult& point, const config::RunConfig& run, const ExperimentOptions& options)
      : point_(point),
        run_(run),
        options_(options),
        stop_(options.stop == nullptr ? kNeverStops : *options.stop) {}

  bool run() {
    std::size_t wanted = run_.replications;
    while (point_.replications() < wanted) {
      if (!grow_to(wanted)) return false;
      if (!run_.precision) continue;
      // At most twice as many at a time: the first estimate of the spread may be far off.
      const std::size_t needed = replications_needed(point_, run_.on, run_.precision->of_one);
      wanted = std::min({needed, 2 * point_.replications(), std::size_t{kReplicationsMax}});
    }
    return true;
  }

 private:
  bool grow_to(std::size_t wanted) {
    while (point_.replications() < wanted) {
      const std::size_t first = point_.replications();
      const std::size_t count = std::min(wanted - first, kBatchMax);
      const auto outcomes =
          replicate_batch(point_.plan(), run_.seed, first, count, options_.threads, stop_);
      if (!add(outcomes)) return false;
      if (options_.progress) options_.progress(progress_text(wanted));
    }
    return true;
  }

  // Replications that were cut short count only where nothing else is there to show.
  bool add(const std::vector<std::optional<Outcome>>& outcomes) {
    const auto complete = [](const auto& o) { return o && !o->interrupted; };
    const bool all = std::ranges::all_of(outcomes, complete);
    for (const auto& outcome : outcomes) {
      if (outcome && !outcome->interrupted) point_.add(*outcome);
    }
    if (point_.replications() == 0) {
      for (const auto& outcome : outcomes) {
        if (outcome && outcome->totals.scheduled > 0) point_.add(*outcome);
      }
    }
    return all;
  }

  std::string progress_text(std::size_t wanted) const {
    std::string text;
    for (const auto& [name, value] : point_.at()) text += fmt::format("{}={} ", name, value);
    return fmt::format("{}{} of {} replications", text, point_.replications(), wanted);
  }

  PointResult& point_;
  const config::RunConfig& run_;
  const ExperimentOptions& options_;
  const std::atomic<bool>& stop_;
};

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

PointResult::PointResult(At at, Plan plan)
    : at_(std::move(at)), plan_(std::move(plan)), names_(plan_), published_(plan_.topics.size()) {}

void PointResult::add(const Outcome& outcome) {
  figures_.push_back(figures_of(plan_, outcome));
  totals_ += outcome.totals;
  warmup_requests_ += outcome.warmup_requests;
  response_time_.merge(outcome.response_time);
  queue_time_.merge(outcome.queue_time);
  for (std::size_t i = 0; i < published_.size(); ++i) published_[i] += outcome.published[i];
}

std::optional<stats::Estimate> PointResult::estimate(std::string_view figure,
                                                     double confidence) const {
  const std::size_t index = names_.find(figure);
  if (index == FigureNames::kNone) return std::nullopt;
  std::vector<double> values;
  for (const std::vector<double>& replication : figures_) {
    if (!std::isnan(replication[index])) values.push_back(replication[index]);
  }
  if (values.empty()) return std::nullopt;
  if (figure.ends_with(".max")) return stats::single_value(std::ranges::max(values));
  stats::Estimate estimate = stats::mean_interval(values, confidence);
  if (const auto q = quantile_of(figure)) {
    const stats::Histogram& all = figure.starts_with("queue_time.") ? queue_time_ : response_time_;
    const double moved = static_cast<double>(all.quantile(*q).count()) - estimate.value;
    estimate.value += moved;
    estimate.low += moved;
    estimate.high += moved;
  }
  estimate.low = std::max(estimate.low, 0.0);  // no figure is negative
  return estimate;
}

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
    results.interrupted = !PointRunner{point, scenario.points[done].scenario.run, options}.run();
    done += point.replications() > 0 ? 1 : 0;
  }
  results.points.erase(results.points.begin() + static_cast<std::ptrdiff_t>(done),
                       results.points.end());
  results.expect = judge(scenario, results);
  return results;
}

std::optional<double> jobs_for(const PointResult& point, std::string_view figure, double share) {
  const auto estimate = point.estimate(figure);
  if (!estimate || estimate->confidence <= 0 || estimate->value <= 0) return std::nullopt;
  const double ratio = half_width(*estimate) / (estimate->value * share);
  return static_cast<double>(point.totals().scheduled) * ratio * ratio;
}

}  // namespace headgate::sim
