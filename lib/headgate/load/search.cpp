#include "headgate/load/search.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "headgate/arrival/process.hpp"
#include "headgate/core/check.hpp"
#include "headgate/core/random.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/run.hpp"
#include "headgate/load/summary.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::load {
namespace {

using SearchClock = std::chrono::steady_clock;

/// Slices while coming near; twice as long afterwards.
constexpr Duration kSliceMost = std::chrono::seconds{1};
constexpr Duration kSliceLeast = std::chrono::milliseconds{50};
constexpr int kSlicesPlanned = 60;  // for how many short ones there should be time
constexpr int kSlicesFewest = 12;   // and for how many if the promise is about a long time
constexpr double kTimesBound = 10;  // so often a slice is to be as long as the promised time
/// A target that was overrun gets so long to empty its queues.
constexpr Duration kRecovery = std::chrono::milliseconds{200};
constexpr double kOverrun = 0.3;  // of requests over the bound
/// Late slices in a row at one rate, with a busy thread, until that rate is taken to be too much
/// for the generator; and of any kind, until the machine is taken to be too busy for a search.
constexpr std::size_t kLateInRow = 3;
constexpr std::size_t kLateMost = 20;
constexpr double kBusyThread = 0.5;
constexpr double kBelowLate = 0.8;
/// A slice of fewer requests on average says nothing.
constexpr double kRequestsLeast = 10;

const stats::Histogram* timing_of(const Tally& tally, std::string_view metric) {
  if (metric.starts_with("response_time.")) return &tally.response_time;
  return metric.starts_with("service_time.") ? &tally.service_time : nullptr;
}

bool is_timing(std::string_view metric) {
  return metric.starts_with("response_time.") || metric.starts_with("service_time.");
}

std::optional<double> quantile_of(std::string_view metric) {
  const std::string_view figure = metric.substr(metric.find('.') + 1);
  for (const report::NamedQuantile& quantile : report::named_quantiles()) {
    if (figure == quantile.name) return quantile.q;
  }
  return std::nullopt;
}

/// The share of all requests that were due and are not well answered within `bound_ns`.
double share_over(const Tally& tally, const stats::Histogram& histogram, double bound_ns) {
  std::uint64_t over = tally.totals.failed + tally.totals.refused;
  for (const stats::Histogram::Bucket& bucket : histogram.buckets()) {
    if (static_cast<double>(bucket.low.count()) >= bound_ns) over += bucket.count;
  }
  const auto scheduled = static_cast<double>(std::max<std::uint64_t>(1, tally.totals.scheduled));
  return std::min(1.0, static_cast<double>(over) / scheduled);
}

double value_of(const Measured& measured, const stats::Expectation& slo) {
  const stats::Histogram* histogram = timing_of(measured.tally, slo.metric);
  if (histogram != nullptr && quantile_of(slo.metric)) {
    return share_over(measured.tally, *histogram, std::get<stats::Bound>(slo.claim).value);
  }
  return metric_of(measured, slo.metric).value_or(0);
}

/// A queue that is too full grows until its requests wait for as long as the promise allows: in a
/// slice much shorter than ten times that, an overload looks like a promise kept.
Duration short_slice(const SearchOptions& options) {
  const Duration planned = std::clamp(options.time_max / kSlicesPlanned, kSliceLeast, kSliceMost);
  const auto* bound = std::get_if<stats::Bound>(&options.slo.claim);
  if (bound == nullptr || !is_timing(options.slo.metric)) return planned;
  const double seen_ns = kTimesBound * bound->value;
  const auto most = static_cast<double>((options.time_max / kSlicesFewest).count());
  return std::max(planned, Duration{std::llround(std::min(seen_ns, most))});
}

class Searcher {
 public:
  Searcher(const SearchOptions& options, const SearchWatcher& watcher,
           const stats::RateSearchOptions& bound, Job job)
      : options_{options},
        watcher_{watcher},
        job_{std::move(job)},
        search_{bound},
        short_{short_slice(options)} {
    job_.count.reset();
    if (!job_.open_loop()) {
      job_.arrivals =
          arrival::Arrivals{arrival::PoissonArrivals{arrival::nearest_rate(bound.start)}};
    }
  }

  Result<Search> run() {
    auto warm = measure(search_.next());
    if (!warm) return std::unexpected(warm.error());
    while (!over()) {
      if (auto step = this->step(); !step) return std::unexpected(step.error());
    }
    found_.highest = search_.answer();
    found_.holds_always = search_.holds_always();
    found_.holds_never = search_.holds_never();
    found_.elapsed = elapsed();
    return std::move(found_);
  }

 private:
  [[nodiscard]] Duration elapsed() const { return SearchClock::now() - begin_; }
  [[nodiscard]] Duration slice() const { return search_.is_near() ? 2 * short_ : short_; }

  [[nodiscard]] bool over() const {
    return found_.interrupted || !found_.causes.empty() || search_.holds_always() ||
           search_.holds_never() || elapsed() + slice() > options_.time_max;
  }

  Result<void> step() {
    const double rate = search_.next();
    const Duration length = slice();
    auto measured = measure(rate);
    if (!measured) return std::unexpected(measured.error());
    if (found_.interrupted || measured->tally.totals.scheduled == 0) return {};
    SearchSlice& kept = found_.slices.emplace_back();
    kept.length = length;
    kept.measured = {.rate = rate,
                     .requests = static_cast<double>(measured->tally.totals.scheduled),
                     .value = value_of(*measured, options_.slo)};
    const auto causes = causes_of_invalidity(measured->evidence);
    kept.counted = causes.empty();
    if (kept.counted) {
      late_ = 0;
      search_.add(kept.measured);
    } else {
      was_late(rate, measured->evidence, causes.front());
    }
    if (kept.measured.value > kOverrun) std::this_thread::sleep_for(kRecovery);
    return {};
  }

  void was_late(double rate, const Evidence& evidence, const std::string& cause) {
    ++late_;
    if (late_ >= kLateMost) found_.causes.push_back(cause);
    const bool busy = evidence.cpu_share_max > kBusyThread;
    if (!busy || late_ < kLateInRow || search_.is_near()) return;
    late_ = 0;
    found_.notes.push_back(
        fmt::format("{} is more than this generator can do: {}", report::human_rate(rate), cause));
    search_.limit(rate * kBelowLate);
  }

  Result<Measured> measure(double rate) {
    Job job = job_;
    HG_ASSERT(job.arrivals.has_value());
    job.arrivals = job.arrivals->at_rate(arrival::nearest_rate(rate));
    job.duration = slice();
    job.seed = Random::stream(options_.plan.seed, "search.slice", ++measured_).bits();
    auto run = Run::start(std::move(job));
    if (!run) return std::unexpected(run.error());
    do {
      if (watcher_({rate, search_.answer(), found_.slices.size(), elapsed()})) continue;
      found_.interrupted = true;
      (*run)->interrupt();
    } while (!(*run)->wait_for(std::chrono::milliseconds{100}));
    return (*run)->finish();
  }

  const SearchOptions& options_;
  const SearchWatcher& watcher_;
  Job job_;
  stats::RateSearch search_;
  Duration short_;
  Search found_;
  std::uint64_t measured_ = 0;
  std::size_t late_ = 0;  // slices in a row
  SearchClock::time_point begin_ = SearchClock::now();
};

}  // namespace

Result<stats::RateSearchOptions> bound_of_slo(const stats::Expectation& slo) {
  const auto refused = [&slo] {
    return failed(Errc::kInvalidArgument, slo.text,
                  "is no promise to search by; write an upper bound on a quantile, a mean or a "
                  "share, such as response_time.p99 < 20ms");
  };
  const auto* bound = std::get_if<stats::Bound>(&slo.claim);
  if (bound == nullptr || !slo.at.empty() || bound->value <= 0 ||
      (bound->relation != stats::Relation::kLess && bound->relation != stats::Relation::kAtMost)) {
    return refused();
  }
  stats::RateSearchOptions options;
  options.bound = bound->value;
  if (is_timing(slo.metric)) {
    const auto quantile = quantile_of(slo.metric);
    options.is_share = quantile.has_value();
    if (quantile) options.bound = 1 - *quantile;
    if (!quantile && !slo.metric.ends_with(".mean")) return refused();
    return options;
  }
  const bool share = slo.metric == "failed_share" || slo.metric == "refused_share" ||
                     slo.metric == "timed_out_share";
  if (!share || bound->value >= 1) return refused();
  return options;
}

Result<Search> run_search(const SearchOptions& options, const SearchWatcher& watcher) {
  auto bound = bound_of_slo(options.slo);
  if (!bound) return std::unexpected(bound.error());
  auto job = Job::prepare(options.plan);
  if (!job) return std::unexpected(job.error());
  const double slice_s = static_cast<double>(short_slice(options).count()) * 1e-9;
  bound->least = std::min(options.start, std::max(1.0, kRequestsLeast / slice_s));
  bound->start = options.start;
  bound->most = options.most;
  return Searcher{options, watcher, *bound, *std::move(job)}.run();
}

ExitCode exit_code(const Search& search) noexcept {
  if (!search.causes.empty()) return ExitCode::kInvalid;
  if (search.holds_never) return ExitCode::kNo;
  if (search.highest.confidence > 0) return ExitCode::kYes;
  return search.holds_always && search.notes.empty() ? ExitCode::kYes : ExitCode::kInconclusive;
}

std::string search_text(const SearchOptions& options, const Search& search) {
  const auto rate = [](double per_second) {
    return stats::metric_text(stats::MetricKind::kRate, per_second);
  };
  const stats::Estimate& highest = search.highest;
  std::string answer;
  if (!search.causes.empty()) {
    answer = "not known";
  } else if (search.holds_never) {
    answer = fmt::format("none: it does not hold even at {}", rate(highest.high));
  } else if (search.holds_always) {
    answer = fmt::format("at least {}: it holds wherever it was tried", rate(highest.value));
  } else if (highest.confidence == 0) {
    answer = fmt::format("between {} and {}: too few slices for more, give a longer --max-time",
                         rate(highest.low), rate(highest.high));
  } else {
    answer = fmt::format("{} ({} to {}, {:.4g}%)", rate(highest.value), rate(highest.low),
                         rate(highest.high), highest.confidence * 100);
  }
  report::Table table({{options.slo.text, report::Align::kLeft}, {"", report::Align::kLeft}});
  table.add({"highest rate", answer});
  const auto late = std::ranges::count(search.slices, false, &SearchSlice::counted);
  table.add({"slices", fmt::format("{} in {}, {} of them not counted as the generator was late",
                                   search.slices.size(), report::human(search.elapsed), late)});
  for (const std::string& note : search.notes) table.add({"note", note});
  for (const std::string& cause : search.causes) table.add({"INVALID", cause});
  if (search.interrupted) table.add({"note", "interrupted: what was measured so far"});
  return table.to_text();
}

nlohmann::ordered_json search_json(const SearchOptions& options, const Search& search) {
  report::Json json{{"slo", options.slo.text},
                    {"highest_rate", report::estimate_json(search.highest)},
                    {"holds_always", search.holds_always},
                    {"holds_never", search.holds_never},
                    {"interrupted", search.interrupted},
                    {"seed", options.plan.seed},
                    {"elapsed_ns", search.elapsed.count()},
                    {"notes", search.notes},
                    {"causes", search.causes},
                    {"slices", report::Json::array()}};
  for (const SearchSlice& slice : search.slices) {
    json["slices"].push_back({{"rate", slice.measured.rate},
                              {"requests", slice.measured.requests},
                              {"value", slice.measured.value},
                              {"length_ns", slice.length.count()},
                              {"counted", slice.counted}});
  }
  return json;
}

}  // namespace headgate::load
