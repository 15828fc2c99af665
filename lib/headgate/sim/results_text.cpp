// Results for a terminal: figures with their intervals, and what became of the expectations.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/text.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/differences.hpp"
#include "headgate/sim/results.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::sim {
namespace {

using stats::metric_text;

// The targets of larger services are in the JSON only; a screen has so many lines.
constexpr std::size_t kTargetsShown = 12;
// What a reader takes for "known": beyond it the text says how long a run would have to be.
constexpr double kPrecisionShown = 0.01;

// Below a millionth it is the rounding of sums, not a spread.
double relative_half_width(const stats::Estimate& estimate) {
  const double ratio = estimate.value > 0 ? (estimate.high - estimate.low) / 2 / estimate.value : 0;
  return ratio < 1e-6 ? 0 : ratio;
}

void add_row(const PointResult& point, const std::string& figure, report::Table& table) {
  const auto estimate = point.estimate(figure);
  const auto metric = stats::find_metric(figure);
  if (!estimate || !metric) return;
  const auto text = [&metric](double value) { return metric_text(metric->kind, value); };
  if (estimate->confidence <= 0) {
    table.add({"  " + figure, text(estimate->value)});
    return;
  }
  table.add({"  " + figure, text(estimate->value), text(estimate->low), text(estimate->high),
             fmt::format("{:.2g}%", relative_half_width(*estimate) * 100)});
}

// What went wrong is shown only if something did.
void add_topic_figures(const PointResult& point, const TopicPlan& topic,
                       std::vector<std::string>& figures) {
  const std::string prefix = "topics." + topic.config.name;
  for (const char* figure :
       {".throughput", ".batch.mean", ".produce_time.mean", ".produce_time.p99", ".age.mean",
        ".age.p50", ".age.p95", ".age.p99", ".age.max", ".lag.mean", ".lag.max"}) {
    figures.push_back(prefix + figure);
  }
  if (!topic.share_up_to.empty()) figures.push_back(prefix + ".hottest_share");
  for (const char* figure : {".lost", ".failed", ".redelivered", ".rebalances"}) {
    const auto estimate = point.estimate(prefix + figure);
    if (estimate && estimate->value > 0) figures.push_back(prefix + figure);
  }
}

void add_backlog_figures(const std::string& prefix, std::vector<std::string>& figures) {
  for (const char* figure : {".throughput", ".age.mean", ".age.p50", ".age.p99", ".age.max",
                             ".depth.mean", ".depth.max"}) {
    figures.push_back(prefix + figure);
  }
}

std::vector<std::string> figures_shown(const PointResult& point) {
  std::vector<std::string> figures{"offered", "throughput"};
  const stats::Totals& totals = point.totals();
  if (totals.refused > 0) figures.emplace_back("refused_share");
  if (totals.failed > 0) figures.emplace_back("failed_share");
  if (totals.timed_out > 0) figures.emplace_back("timed_out_share");
  if (point.plan().retries()) figures.emplace_back("attempts_per_request");
  for (const char* part : {"mean", "p50", "p95", "p99", "p999"}) {
    figures.push_back(fmt::format("response_time.{}", part));
  }
  for (const ServicePlan& service : point.plan().services) {
    const std::string prefix = "services." + service.name;
    if (service.ever_sheds()) figures.push_back(prefix + ".shed_share");
    figures.push_back(prefix + ".utilisation");
    figures.push_back(prefix + ".queue.mean");
    if (service.targets.size() < 2 || service.targets.size() > kTargetsShown) continue;
    for (const TargetPlan& target : service.targets) {
      figures.push_back(prefix + ".targets." + target.name + ".share");
    }
  }
  for (const TopicPlan& topic : point.plan().broker) add_topic_figures(point, topic, figures);
  for (const QueuePlan& queue : point.plan().queues) {
    add_backlog_figures("queues." + queue.name, figures);
    for (const char* figure : {".redelivered", ".dead"}) {
      figures.push_back("queues." + queue.name + figure);
    }
  }
  for (const SubscriberPlan& subscriber : point.plan().subscribers) {
    add_backlog_figures("subscribers." + subscriber.config.name, figures);
  }
  return figures;
}

std::string totals_line(const stats::Totals& totals) {
  return fmt::format("  scheduled {} = ok {} + refused {} + failed {} + timed out {}\n",
                     totals.scheduled, totals.ok, totals.refused, totals.failed, totals.timed_out);
}

// Two digits: it is an estimate of an estimate.
std::string rough_count(double count) {
  const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(count)) - 1));
  return count_to_text(std::llround(count / unit) * std::llround(unit));
}

// The figures that the run was made for: those of `precision`, else the mean.
std::string length_hint(const PointResult& point, const std::vector<std::string>& on) {
  std::string text;
  for (const std::string& figure : on) {
    const auto estimate = point.estimate(figure);
    const auto jobs = jobs_for(point, figure, kPrecisionShown);
    if (!estimate || !jobs || relative_half_width(*estimate) <= kPrecisionShown) continue;
    text += fmt::format("  {} is known to ±{:.2g}%: needs about {} requests for ±1%\n", figure,
                        relative_half_width(*estimate) * 100, rough_count(*jobs));
  }
  return text;
}

std::string warmup_hint(const PointResult& point) {
  const auto& warmup = point.warmup();
  if (!warmup || warmup->found) return {};
  return "  no end of the start was found: the run is too short for it, or there is no steady "
         "state\n";
}

std::string at_text(const PointResult::At& at) {
  std::string text;
  for (const auto& [name, value] : at) text += fmt::format("{}={}, ", name, value);
  return text;
}

std::string point_text(const PointResult& point, const std::vector<std::string>& on, bool colour) {
  const std::string title =
      at_text(point.at()) + (point.is_sectioned()
                                 ? fmt::format("one run in {} sections", kSections)
                                 : fmt::format("{} replications", point.replications()));
  report::Table table({{.title = "", .align = report::Align::kLeft},
                       {.title = "value"},
                       {.title = "low"},
                       {.title = "high"},
                       {.title = "±"}});
  for (const std::string& figure : figures_shown(point)) add_row(point, figure, table);
  std::string text = report::painted(title, report::Paint::kBold, colour) + "\n";
  text += table.to_text() + totals_line(point.totals());
  for (std::size_t i = 0; i < point.published().size(); ++i) {
    text += fmt::format("  events to topic {}: {}\n", point.plan().topics[i], point.published()[i]);
  }
  return text + warmup_hint(point) + length_hint(point, on) + "\n";
}

// Beyond so many rows a table is for the JSON.
constexpr std::size_t kDifferencesShown = 20;

std::vector<std::string> figures_compared(const PointResult& a, const PointResult& b) {
  std::vector<std::string> figures{"response_time.mean", "response_time.p99"};
  if (a.totals().refused + b.totals().refused > 0) figures.emplace_back("refused_share");
  if (a.totals().failed + b.totals().failed > 0) figures.emplace_back("failed_share");
  return figures;
}

void add_difference(const Results& results, const PointPair& pair, report::Table& table) {
  const PointResult& a = results.points[pair.a];
  const PointResult& b = results.points[pair.b];
  std::string title = fmt::format("  {}{} - {}", at_text(pair.others), pair.first, pair.second);
  for (const std::string& figure : figures_compared(a, b)) {
    const auto found = difference(a, b, figure);
    if (!found) continue;
    const auto kind = stats::find_metric(figure)->kind;
    const auto& [value, low, high, confidence] = found->estimate;
    const bool differ = low > 0 || high < 0;
    table.add({std::exchange(title, {}), figure, metric_text(kind, value), metric_text(kind, low),
               metric_text(kind, high), fmt::format("{:.2f}", found->correlation),
               differ ? "" : "may be equal"});
  }
}

std::string differences_text(const Results& results, bool colour) {
  const std::vector<PointPair> pairs = pairs_of(results.points);
  if (pairs.empty()) return {};
  report::Table table({{.title = "", .align = report::Align::kLeft},
                       {.title = "", .align = report::Align::kLeft},
                       {.title = "difference"},
                       {.title = "low"},
                       {.title = "high"},
                       {.title = "correlation"},
                       {.title = "", .align = report::Align::kLeft}});
  const std::size_t shown = std::min(pairs.size(), kDifferencesShown);
  for (std::size_t i = 0; i < shown; ++i) add_difference(results, pairs[i], table);
  std::string text = report::painted("differences, in pairs of replications with equal draws",
                                     report::Paint::kBold, colour) +
                     "\n" + table.to_text();
  if (pairs.size() > shown) {
    text += fmt::format("  and {} more pairs in the JSON\n", pairs.size() - shown);
  }
  return text + "\n";
}

std::string judged_text(const Judged& judged, bool colour) {
  const stats::Verdict& verdict = judged.verdict;
  const auto [word, paint] = !verdict.certain ? std::pair{"unsure", report::Paint::kYellow}
                             : verdict.passed ? std::pair{"yes", report::Paint::kGreen}
                                              : std::pair{"no", report::Paint::kRed};
  std::string text =
      fmt::format("  {}  {}\n", report::painted(fmt::format("{:6}", word), paint, colour),
                  judged.expectation.text);
  if (!judged.expectation.why.empty())
    text += fmt::format("          why: {}\n", judged.expectation.why);
  text += fmt::format("          observed: {}\n", verdict.observed);
  if (judged.jobs_needed) {
    text += fmt::format("          to be sure of it: about {} requests a point\n",
                        rough_count(*judged.jobs_needed));
  }
  return text;
}

}  // namespace

std::string results_text(const Results& results, const TextOptions& options) {
  std::string text;
  if (!results.question.empty()) {
    text += report::painted(results.question, report::Paint::kBold, options.colour) + "\n\n";
  }
  for (const PointResult& point : results.points)
    text += point_text(point, results.on, options.colour);
  text += differences_text(results, options.colour);
  if (results.interrupted) text += "interrupted: this is what was measured until then\n\n";
  if (results.expect.empty()) return text;
  text += report::painted("expected", report::Paint::kBold, options.colour) + "\n";
  for (const Judged& judged : results.expect) text += judged_text(judged, options.colour);
  return text;
}

}  // namespace headgate::sim
