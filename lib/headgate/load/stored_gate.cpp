#include "headgate/load/stored_gate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load {
namespace {

using report::Json;
using stats::GateFigures;
using stats::GateMetric;

/// One document, parsed.
struct ReadRun {
  std::string file;
  Json json;
};

Result<ReadRun> parse_run(const StoredRun& stored) {
  Json json = Json::parse(stored.text, nullptr, false);
  if (json.is_discarded()) return failed(Errc::kInvalidArgument, stored.file, "is not JSON");
  if (!json.is_object() || json.value("format", "") != "headgate.load/1") {
    return failed(Errc::kInvalidArgument, stored.file,
                  "is not a 'headgate.load/1' document; loadgen run --json FILE writes one");
  }
  return ReadRun{stored.file, std::move(json)};
}

Result<std::vector<ReadRun>> parse_runs(const std::vector<StoredRun>& stored) {
  std::vector<ReadRun> runs;
  runs.reserve(stored.size());
  for (const StoredRun& one : stored) {
    auto run = parse_run(one);
    if (!run) return std::unexpected(run.error());
    runs.push_back(*std::move(run));
  }
  return runs;
}

std::optional<double> number_at(const Json& json, const std::string& pointer) {
  const Json::json_pointer at{pointer};
  if (!json.contains(at) || !json.at(at).is_number()) return std::nullopt;
  return json.at(at).get<double>();
}

/// `failed_share` -> the key of its count.
std::string counted(const std::string& share) { return share.substr(0, share.rfind("_share")); }

std::optional<double> share_of(const Json& counts, const std::string& name) {
  const auto part = number_at(counts, "/" + counted(name));
  const auto all = number_at(counts, "/scheduled");
  if (!part || !all || *all <= 0) return std::nullopt;
  return *part / *all;
}

/// The figure of a whole run.
std::optional<double> figure_of(const Json& run, const GateMetric& metric) {
  if (metric.kind == stats::MetricKind::kShare) {
    return run.contains("totals") ? share_of(run["totals"], metric.name) : std::nullopt;
  }
  if (metric.kind == stats::MetricKind::kRate) return number_at(run, "/" + metric.name + "_per_s");
  const std::size_t dot = metric.name.find('.');
  const std::string timing = "/" + metric.name.substr(0, dot);
  if (number_at(run, timing + "/count").value_or(0) <= 0) return std::nullopt;
  return number_at(run, timing + "/" + metric.name.substr(dot + 1) + "_ns");
}

/// The figure of one second of a run.
std::optional<double> figure_of_second(const Json& second, const GateMetric& metric) {
  if (metric.kind == stats::MetricKind::kShare) return share_of(second, metric.name);
  if (metric.kind == stats::MetricKind::kRate) {
    const double ok = number_at(second, "/ok").value_or(0);
    if (metric.name == "goodput") return ok;
    return ok + number_at(second, "/refused").value_or(0) +
           number_at(second, "/failed").value_or(0);
  }
  constexpr std::string_view kSeries = "response_time.";
  if (!metric.name.starts_with(kSeries)) return std::nullopt;
  return number_at(second, "/response_" + metric.name.substr(kSeries.size()) + "_ns");
}

/// By second, then by metric. The first second, in which all is cold, is left out, and so is what
/// was answered after the schedule's end.
std::vector<GateFigures> seconds_of(const Json& run, const std::vector<GateMetric>& metrics) {
  std::vector<GateFigures> seconds;
  const auto whole =
      static_cast<std::size_t>(std::max(0.0, number_at(run, "/duration_ns").value_or(0)) / 1e9);
  if (!run.contains("series") || !run["series"].is_array()) return seconds;
  const Json& series = run["series"];
  for (std::size_t i = 1; i < std::min(whole, series.size()); ++i) {
    GateFigures& figures = seconds.emplace_back();
    for (const GateMetric& metric : metrics) {
      figures.push_back(figure_of_second(series[i], metric));
    }
  }
  return seconds;
}

/// Every `width` neighbours averaged; a figure that one of them lacks is lacking.
std::vector<GateFigures> averaged(const std::vector<GateFigures>& seconds, std::size_t width) {
  std::vector<GateFigures> all;
  for (std::size_t at = 0; at + width <= seconds.size(); at += width) {
    GateFigures sum = seconds[at];
    for (std::size_t i = 1; i < width; ++i) {
      for (std::size_t m = 0; m < sum.size(); ++m) {
        const std::optional<double>& more = seconds[at + i][m];
        std::optional<double>& all_of = sum[m];
        all_of = all_of && more ? std::optional{*all_of + *more} : std::nullopt;
      }
    }
    for (auto& figure : sum) {
      if (figure) figure = *figure / static_cast<double>(width);
    }
    all.push_back(std::move(sum));
  }
  return all;
}

/// Correlation between neighbours; 0 if nothing varies.
double clinging(std::span<const double> values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double own = 0;
  double next = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    own += (values[i] - mean) * (values[i] - mean);
    if (i + 1 < values.size()) next += (values[i] - mean) * (values[i + 1] - mean);
  }
  return own <= 0 ? 0 : next / own;
}

stats::Gate judged(const std::vector<GateFigures>& a, const std::vector<GateFigures>& b,
                   const GateQuestion& question) {
  const std::size_t pairs = std::min(a.size(), b.size());
  stats::Gate gate{question.metrics,
                   {.alpha = question.alpha,
                    .least = stats::pairs_needed(question.metrics.size(), question.alpha),
                    .most = std::max<std::size_t>(pairs, 1),
                    .look_once = true,
                    .spending = question.spending}};
  for (std::size_t i = 0; i < pairs; ++i) gate.add(a[i], b[i]);
  if (gate.look_due()) gate.look();
  return gate;
}

constexpr double kClingingMost = 0.2;

/// How many neighbours to average: twice as many while differences cling and enough remain.
std::size_t width_of(const std::vector<GateFigures>& a, const std::vector<GateFigures>& b,
                     const GateQuestion& question) {
  const std::size_t needed = stats::pairs_needed(question.metrics.size(), question.alpha);
  const std::size_t seconds = std::min(a.size(), b.size());
  std::size_t width = 1;
  const auto clings = [&] {
    const stats::Gate gate = judged(averaged(a, width), averaged(b, width), question);
    return std::ranges::any_of(gate.findings(), [](const stats::GateFinding& finding) {
      return clinging(finding.effects) > kClingingMost;
    });
  };
  while (seconds / (2 * width) >= needed && clings()) width *= 2;
  return width;
}

std::string files_text(const std::vector<ReadRun>& runs) {
  std::string text = runs.front().file;
  if (runs.size() > 1) text += fmt::format(" and {} more", runs.size() - 1);
  return text;
}

void add_causes(const std::vector<ReadRun>& runs, GateReport& report) {
  for (const ReadRun& run : runs) {
    if (run.json.value("verdict", "") == "valid") continue;
    std::string cause = run.file + " is a run that was not valid";
    const auto causes = run.json.find("causes");
    if (causes != run.json.end() && causes->is_array() && !causes->empty() &&
        causes->front().is_string()) {
      cause += ": " + causes->front().get<std::string>();
    }
    report.causes.push_back(std::move(cause));
  }
}

std::vector<GateFigures> figures_of(const std::vector<ReadRun>& runs,
                                    const std::vector<GateMetric>& metrics) {
  std::vector<GateFigures> all;
  for (const ReadRun& run : runs) {
    GateFigures& figures = all.emplace_back();
    for (const GateMetric& metric : metrics) figures.push_back(figure_of(run.json, metric));
  }
  return all;
}

GateReport report_runs(const std::vector<ReadRun>& a, const std::vector<ReadRun>& b,
                       const GateQuestion& question, GateReport report) {
  const std::size_t pairs = std::min(a.size(), b.size());
  report.how = fmt::format("{} pairs of runs", pairs);
  if (a.size() != b.size()) {
    report.notes.push_back(fmt::format("of {} and {} runs the first {} of each make pairs",
                                       a.size(), b.size(), pairs));
  }
  report.findings =
      judged(figures_of(a, question.metrics), figures_of(b, question.metrics), question).findings();
  return report;
}

GateReport report_seconds(const Json& a, const Json& b, const GateQuestion& question,
                          GateReport report) {
  const auto from = seconds_of(a, question.metrics);
  const auto to = seconds_of(b, question.metrics);
  const std::size_t width = width_of(from, to, question);
  const auto before = averaged(from, width);
  const auto after = averaged(to, width);
  report.how =
      fmt::format("{} pairs of {} within one run each", std::min(before.size(), after.size()),
                  width == 1 ? "seconds" : fmt::format("{} s", width));
  report.notes.emplace_back(
      "one run each: what makes two runs of the same build differ as a whole is not in the "
      "intervals; several runs in turn, or loadgen ab, have it");
  report.findings = judged(before, after, question).findings();
  return report;
}

}  // namespace

Result<GateReport> gate_stored(const std::vector<StoredRun>& baseline,
                               const std::vector<StoredRun>& candidate,
                               const GateQuestion& question) {
  HG_ASSERT(!baseline.empty() && !candidate.empty() && !question.metrics.empty());
  const auto a = parse_runs(baseline);
  if (!a) return std::unexpected(a.error());
  const auto b = parse_runs(candidate);
  if (!b) return std::unexpected(b.error());
  GateReport report;
  report.baseline = files_text(*a);
  report.candidate = files_text(*b);
  report.alpha = question.alpha;
  add_causes(*a, report);
  add_causes(*b, report);
  const bool single = a->size() == 1 && b->size() == 1;
  report = single ? report_seconds(a->front().json, b->front().json, question, std::move(report))
                  : report_runs(*a, *b, question, std::move(report));
  const std::size_t needed = stats::pairs_needed(question.metrics.size(), question.alpha);
  for (const stats::GateFinding& finding : report.findings) {
    if (finding.effects.size() >= needed) continue;
    report.notes.push_back(fmt::format(
        "{}: {} pairs, and {} are needed: {}", finding.metric.label, finding.effects.size(), needed,
        single ? fmt::format("runs of at least {} s, with that figure for each second, "
                             "or several runs",
                             needed + 2)
               : fmt::format("give --baseline and --candidate {} times each", needed)));
  }
  return report;
}

}  // namespace headgate::load
