#include "headgate/load/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/text.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/summary.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load {
namespace {

using TrialClock = std::chrono::steady_clock;

/// Between slices: connections are made anew, the last answers come in.
constexpr Duration kBetweenSlices = std::chrono::milliseconds{25};
constexpr std::size_t kThrownAwayLeast = 5;
constexpr std::size_t kSlicesOfBlock = 4;

Job with(Job job, Duration duration, std::uint64_t seed) {
  job.duration = duration;
  job.count.reset();
  job.seed = seed;
  return job;
}

/// The plan of one side. In a duet each has half of the load, and at least one client.
config::LoadPlan plan_of_side(const TrialOptions& options, const config::LoadTarget& target) {
  config::LoadPlan plan = options.plan;
  plan.targets = {target};
  if (!options.duet) return plan;
  plan.connections = std::max(1U, plan.connections / 2);
  if (!plan.arrivals || plan.arrivals->is_closed()) return plan;
  if (const auto rate = plan.arrivals->rate()) {
    plan.arrivals = plan.arrivals->at_rate(make_rate(rate->count, 2 * rate->per));
  }
  return plan;
}

/// Of one pair, those that do not run at the same time.
int slices_in_turn(const TrialOptions& options) {
  return options.duet ? 1 : static_cast<int>(kSlicesOfBlock);
}

/// Adds what `more` has measured of the same side.
void join(std::optional<Measured>& sum, Measured more) {
  if (!sum) {
    sum = std::move(more);
    return;
  }
  sum->tally.merge(more.tally);
  sum->window += more.window;
  Evidence& evidence = sum->evidence;
  evidence.scheduled += more.evidence.scheduled;
  evidence.overdue += more.evidence.overdue;
  evidence.cpu_share_max = std::max(evidence.cpu_share_max, more.evidence.cpu_share_max);
  evidence.lateness_p99 = sum->tally.lateness.quantile(0.99);
  evidence.response_p50 = sum->tally.response_time.quantile(0.5);
}

class TrialRunner {
 public:
  TrialRunner(const TrialOptions& options, const TrialWatcher& watcher, Job a, Job b)
      : options_{options},
        watcher_{watcher},
        jobs_{std::move(a), std::move(b)},
        gate_{options.question.metrics,
              {.alpha = options.question.alpha,
               .most = std::max<std::size_t>(1, pairs_planned(options)),
               .spending = options.question.spending}} {
    trial_.planned = pairs_planned(options);
  }

  Result<Trial> run() {
    if (auto warm = warm_up(); !warm) return std::unexpected(warm.error());
    while (!over()) {
      if (auto block = run_block(); !block) return std::unexpected(block.error());
    }
    gate_.end();
    trial_.findings = gate_.findings();
    trial_.pairs = gate_.pairs();
    return std::move(trial_);
  }

 private:
  using Sums = std::array<std::optional<Measured>, 2>;

  [[nodiscard]] Duration elapsed() const { return TrialClock::now() - begin_; }

  [[nodiscard]] Duration block_length() const {
    return (options_.slice + kBetweenSlices) * slices_in_turn(options_);
  }

  bool over() {
    if (trial_.interrupted || gate_.done() || trial_.planned == 0) return true;
    if (trial_.thrown_away > std::max(trial_.planned, kThrownAwayLeast)) {
      trial_.causes.push_back(fmt::format(
          "{} of {} blocks were thrown away, because the generator was late in them: {}",
          trial_.thrown_away, blocks_, last_cause_));
      return true;
    }
    return elapsed() + block_length() > options_.time_max;
  }

  bool watch() {
    const bool on = watcher_({gate_.pairs(), trial_.planned, trial_.thrown_away, elapsed()});
    if (!on) trial_.interrupted = true;
    return on;
  }

  /// Waits for the end of a run; false if it was ended early.
  bool wait(Run& run) {
    while (!run.wait_for(std::chrono::milliseconds{100})) {
      if (!watch()) run.interrupt();
    }
    return watch();
  }

  Result<void> warm_up() {
    for (std::size_t side = 0; side < 2; ++side) {
      auto run = Run::start(with(jobs_[side], options_.warmup, seed_of(0, 0)));
      if (!run) return std::unexpected(run.error());
      wait(**run);
      static_cast<void>((*run)->finish());
    }
    return {};
  }

  [[nodiscard]] std::uint64_t seed_of(std::uint64_t block, std::uint64_t half) const {
    return Random::stream(options_.plan.seed, "ab.slice", block, half == 0 ? "first" : "second")
        .bits();
  }

  Result<void> run_block() {
    ++blocks_;
    Random coin = Random::stream(options_.plan.seed, "ab.order", blocks_);
    const std::size_t first = (coin.bits() >> 63) == 0 ? 0 : 1;
    const std::size_t slices_before = trial_.slices.size();
    Sums sums;
    const auto done = options_.duet ? run_duet(first, sums) : run_slices(first, sums);
    if (!done) return std::unexpected(done.error());
    if (trial_.interrupted) return {};
    if (!is_valid(sums)) {
      ++trial_.thrown_away;
      for (std::size_t i = slices_before; i < trial_.slices.size(); ++i) {
        trial_.slices[i].counted = false;
      }
      return {};
    }
    gate_.add(figures_of(sums[0]), figures_of(sums[1]));
    if (gate_.look_due()) gate_.look();
    return {};
  }

  /// `first`, the other, the other, `first`; the first two slices send alike, and the last two.
  Result<void> run_slices(std::size_t first, Sums& sums) {
    for (std::size_t i = 0; i < kSlicesOfBlock && !trial_.interrupted; ++i) {
      const std::size_t side = i == 0 || i == 3 ? first : 1 - first;
      const std::uint64_t seed = seed_of(blocks_, i / 2);
      const Duration at = elapsed();
      auto run = Run::start(with(jobs_[side], options_.slice, seed));
      if (!run) return std::unexpected(run.error());
      wait(**run);
      keep(side, seed, at, (*run)->finish(), sums);
    }
    return {};
  }

  Result<void> run_duet(std::size_t first, Sums& sums) {
    std::array<std::unique_ptr<Run>, 2> runs;
    const Duration at = elapsed();
    // Two streams: the same seed would send to both at the same instants.
    for (const std::size_t side : {first, 1 - first}) {
      auto run = Run::start(with(jobs_[side], options_.slice, seed_of(blocks_, side)));
      if (!run) return std::unexpected(run.error());
      runs[side] = *std::move(run);
    }
    for (const std::size_t side : {first, 1 - first}) wait(*runs[side]);
    for (const std::size_t side : {first, 1 - first}) {
      keep(side, seed_of(blocks_, side), at, runs[side]->finish(), sums);
    }
    return {};
  }

  /// Whether the generator did its part on both sides.
  bool is_valid(const Sums& sums) {
    for (const auto& sum : sums) {
      HG_ASSERT(sum.has_value());
      const auto causes = causes_of_invalidity(sum->evidence);
      if (causes.empty()) continue;
      last_cause_ = causes.front();
      return false;
    }
    return true;
  }

  [[nodiscard]] stats::GateFigures figures_of(const std::optional<Measured>& measured) const {
    stats::GateFigures figures;
    for (const stats::GateMetric& metric : options_.question.metrics) {
      auto figure = measured ? metric_of(*measured, metric.name) : std::nullopt;
      if (figure && metric.kind == stats::MetricKind::kRate) *figure *= evenness_of(*measured);
      figures.push_back(figure);
    }
    return figures;
  }

  /// The streams of a duet have each its own number of requests: rates are put as if both had had
  /// just what was planned. 1 in turn, where both have the same.
  [[nodiscard]] double evenness_of(const Measured& measured) const {
    const arrival::Arrivals* arrivals = jobs_[0].open_arrivals();
    const double offered = measured.per_second(measured.tally.totals.scheduled);
    const auto rate = arrivals == nullptr ? std::nullopt : arrivals->rate();
    return !options_.duet || !rate || offered <= 0 ? 1 : rate->per_second() / offered;
  }

  void keep(std::size_t side, std::uint64_t seed, Duration at, Measured measured, Sums& sums) {
    Slice slice;
    slice.block = blocks_;
    slice.side = side == 0 ? 'A' : 'B';
    slice.seed = seed;
    slice.at = at;
    slice.totals = measured.tally.totals;
    slice.causes = causes_of_invalidity(measured.evidence);
    std::optional<Measured> own{std::move(measured)};
    slice.figures = figures_of(own);
    trial_.slices.push_back(std::move(slice));
    join(sums[side], *std::move(own));
  }

  const TrialOptions& options_;
  const TrialWatcher& watcher_;
  std::array<Job, 2> jobs_;
  stats::Gate gate_;
  Trial trial_;
  std::size_t blocks_ = 0;  // begun
  std::string last_cause_;
  TrialClock::time_point begin_ = TrialClock::now();
};

report::Json slice_json(const TrialOptions& options, const Slice& slice) {
  report::Json json{{"block", slice.block},
                    {"side", std::string(1, slice.side)},
                    {"seed", slice.seed},
                    {"at_ns", slice.at.count()},
                    {"counted", slice.counted}};
  if (!slice.causes.empty()) json["causes"] = slice.causes;
  json["totals"] = report::totals_json(slice.totals);
  for (std::size_t i = 0; i < slice.figures.size(); ++i) {
    const std::optional<double>& figure = slice.figures[i];
    json["figures"][options.question.metrics[i].name] =
        figure ? report::Json(*figure) : report::Json(nullptr);
  }
  return json;
}

}  // namespace

std::size_t pairs_planned(const TrialOptions& options) noexcept {
  const Duration pair = (options.slice + kBetweenSlices) * slices_in_turn(options);
  const Duration left = options.time_max - 2 * (options.warmup + kBetweenSlices);
  auto pairs = left <= Duration::zero() ? std::size_t{0}
                                        : static_cast<std::size_t>(left.count() / pair.count());
  if (options.slices_max) {
    const std::size_t slices = options.duet ? 2 : kSlicesOfBlock;
    pairs = std::min<std::size_t>(pairs, *options.slices_max / slices);
  }
  return pairs;
}

Result<Trial> run_trial(const TrialOptions& options, const TrialWatcher& watcher) {
  auto a = Job::prepare(plan_of_side(options, options.a));
  if (!a) return std::unexpected(a.error());
  auto b = Job::prepare(plan_of_side(options, options.b));
  if (!b) return std::unexpected(b.error());
  return TrialRunner{options, watcher, *std::move(a), *std::move(b)}.run();
}

GateReport report_of(const TrialOptions& options, const Trial& trial, std::string a,
                     std::string b) {
  GateReport report;
  report.baseline = std::move(a);
  report.candidate = std::move(b);
  report.how = fmt::format("{} pairs of {} planned, each {} of {}", trial.pairs, trial.planned,
                           options.duet ? "a duet" : "four slices in turn",
                           headgate::to_text(options.slice));
  report.findings = trial.findings;
  report.alpha = options.question.alpha;
  report.causes = trial.causes;
  if (trial.interrupted) report.notes.emplace_back("interrupted: what was measured so far");
  if (trial.thrown_away > 0) {
    report.notes.push_back(fmt::format(
        "{} blocks in which the generator was late were measured anew", trial.thrown_away));
  }
  const std::size_t needed =
      stats::pairs_needed(options.question.metrics.size(), options.question.alpha);
  if (trial.pairs < needed && trial.causes.empty()) {
    report.notes.push_back(fmt::format(
        "{} pairs are needed for any verdict: give a longer --max-time or shorter slices", needed));
  }
  return report;
}

nlohmann::ordered_json trial_json(const TrialOptions& options, const Trial& trial) {
  report::Json json{
      {"mode", options.duet ? "duet" : "slices"}, {"seed", options.plan.seed},
      {"slice_ns", options.slice.count()},        {"pairs", trial.pairs},
      {"pairs_planned", trial.planned},           {"blocks_thrown_away", trial.thrown_away},
      {"interrupted", trial.interrupted},         {"slices", report::Json::array()}};
  for (const Slice& slice : trial.slices) json["slices"].push_back(slice_json(options, slice));
  return json;
}

}  // namespace headgate::load
