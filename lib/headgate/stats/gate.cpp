#include "headgate/stats/gate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/text.hpp"
#include "headgate/stats/holm.hpp"
#include "headgate/stats/signed_rank.hpp"

namespace headgate::stats {
namespace {

constexpr double kNoBound = std::numeric_limits<double>::infinity();
constexpr std::size_t kPairsLeast = 10;
/// No ratio counts for more than a millionfold, so that one of zero stays a number.
constexpr double kEffectMost = 13.8;

constexpr double kEffectDefault = 0.05;
constexpr double kTailEffectDefault = 0.10;  // of p99 and beyond
constexpr double kShareEffectDefault = 0.001;

struct Gated {
  std::string_view name;
  MetricKind kind;
  Worse worse;
};

constexpr std::array<Gated, 5> kGated{{{"throughput", MetricKind::kRate, Worse::kLower},
                                       {"goodput", MetricKind::kRate, Worse::kLower},
                                       {"refused_share", MetricKind::kShare, Worse::kHigher},
                                       {"failed_share", MetricKind::kShare, Worse::kHigher},
                                       {"timed_out_share", MetricKind::kShare, Worse::kHigher}}};
constexpr std::array<std::string_view, 2> kTimings{"response_time", "service_time"};
constexpr std::array<std::string_view, 7> kFigures{"mean", "p50",  "p90", "p95",
                                                   "p99",  "p999", "max"};

bool is_tail(std::string_view figure) {
  return figure == "p99" || figure == "p999" || figure == "max";
}

GateMetric timing_metric(std::string_view timing, std::string_view figure) {
  const bool response = timing == kTimings[0];
  return {.name = std::string{timing} + "." + std::string{figure},
          .label = response ? std::string{figure} : std::string{timing} + "." + std::string{figure},
          .kind = MetricKind::kDuration,
          .worse = Worse::kHigher,
          .least_effect = is_tail(figure) ? kTailEffectDefault : kEffectDefault};
}

std::vector<std::string> gated_names() {
  std::vector<std::string> names;
  for (const std::string_view timing : kTimings) {
    for (const std::string_view figure : kFigures) {
      names.push_back(timing_metric(timing, figure).label);
    }
  }
  for (const Gated& gated : kGated) names.emplace_back(gated.name);
  return names;
}

/// How much worse the candidate is: 0 if it is not, greater if it is worse.
double effect_of(const GateMetric& metric, double baseline, double candidate) {
  const double sign = metric.worse == Worse::kHigher ? 1 : -1;
  if (!metric.by_ratio()) return sign * (candidate - baseline);
  if (baseline <= 0 && candidate <= 0) return 0;
  if (baseline <= 0) return sign * kEffectMost;
  if (candidate <= 0) return -sign * kEffectMost;
  return sign * std::clamp(std::log(candidate / baseline), -kEffectMost, kEffectMost);
}

/// The least effect that matters on the scale of effect_of.
double least_of(const GateMetric& metric) {
  if (!metric.by_ratio()) return metric.least_effect;
  return metric.worse == Worse::kHigher ? std::log1p(metric.least_effect)
                                        : -std::log1p(-metric.least_effect);
}

/// An effect as the change from baseline to candidate.
double change_of(const GateMetric& metric, double effect) {
  const double upward = metric.worse == Worse::kHigher ? effect : -effect;
  return metric.by_ratio() ? std::expm1(upward) : upward;
}

double middle_of(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return (values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2;
}

}  // namespace

std::vector<GateMetric> gate_metrics_default() {
  std::vector<GateMetric> metrics;
  for (const std::string_view name : {"p50", "p99", "throughput", "failed_share"}) {
    metrics.push_back(find_gate_metric(name).value());
  }
  return metrics;
}

Result<GateMetric> find_gate_metric(std::string_view name) {
  for (const std::string_view timing : kTimings) {
    for (const std::string_view figure : kFigures) {
      GateMetric metric = timing_metric(timing, figure);
      if (name == metric.name || name == metric.label) return metric;
    }
  }
  for (const Gated& gated : kGated) {
    if (name != gated.name) continue;
    return GateMetric{
        .name = std::string{name},
        .label = std::string{name},
        .kind = gated.kind,
        .worse = gated.worse,
        .least_effect = gated.kind == MetricKind::kShare ? kShareEffectDefault : kEffectDefault};
  }
  const std::vector<std::string> names = gated_names();
  const std::string_view near = nearest_word(name, names);
  std::string why = "is no metric that can be gated";
  if (!near.empty()) why += "; did you mean " + std::string{near} + "?";
  why += " There are";
  for (const std::string& one : names) why += " " + one;
  return failed(Errc::kInvalidArgument, std::string{name}, why);
}

Result<void> set_least_effect(std::vector<GateMetric>& metrics, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return failed(Errc::kInvalidArgument, std::string{text},
                  "a least effect is written METRIC=SHARE, such as p99=10%");
  }
  const auto wanted = find_gate_metric(text.substr(0, equals));
  if (!wanted) return std::unexpected(wanted.error());
  const auto share = parse_share(text.substr(equals + 1));
  if (!share) return std::unexpected(share.error());
  const auto found = std::ranges::find(metrics, wanted->name, &GateMetric::name);
  if (found == metrics.end()) {
    return failed(Errc::kInvalidArgument, std::string{text}, "that metric is not gated");
  }
  if (found->worse == Worse::kLower && share->of_one >= 1) {
    return failed(Errc::kInvalidArgument, std::string{text}, "nothing can fall by more than all");
  }
  found->least_effect = share->of_one;
  return {};
}

std::string_view name(GateVerdict verdict) noexcept {
  switch (verdict) {
    case GateVerdict::kPass:
      return "PASS";
    case GateVerdict::kRegression:
      return "REGRESSION";
    case GateVerdict::kInconclusive:
      break;
  }
  return "INCONCLUSIVE";
}

Gate::Gate(std::vector<GateMetric> metrics, const GateOptions& options) : options_{options} {
  HG_ASSERT(!metrics.empty());
  plan_ = looks({.least = options.least,
                 .most = options.most,
                 .tests = metrics.size(),
                 .alpha = options.alpha,
                 .spending = options.spending});
  if (options.look_once) plan_ = {options.most};
  for (GateMetric& metric : metrics) {
    Line line;
    line.metric = std::move(metric);
    line.low = -kNoBound;
    line.high = kNoBound;
    lines_.push_back(std::move(line));
  }
}

void Gate::add(const GateFigures& baseline, const GateFigures& candidate) {
  HG_ASSERT(baseline.size() == lines_.size() && candidate.size() == lines_.size());
  HG_ASSERT(pairs_ < options_.most);
  ++pairs_;
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const std::optional<double>& a = baseline[i];
    const std::optional<double>& b = candidate[i];
    if (!a || !b) continue;
    lines_[i].baseline.push_back(*a);
    lines_[i].candidate.push_back(*b);
    lines_[i].effects.push_back(effect_of(lines_[i].metric, *a, *b));
  }
}

bool Gate::look_due() const noexcept { return next_ < plan_.size() && pairs_ >= plan_[next_]; }

void Gate::look() {
  HG_ASSERT(look_due());
  ++next_;
  spend_up_to(static_cast<double>(pairs_) / static_cast<double>(options_.most));
}

void Gate::end() {
  if (done()) return;
  next_ = plan_.size();
  spend_up_to(1);
}

void Gate::spend_up_to(double share) {
  const double before = std::exchange(spent_, spent(options_.spending, options_.alpha, share));
  // Fewer pairs than least, if no more were planned, decide nothing; nor does a budget that is
  // gone.
  if (pairs_ < options_.least || spent_ <= before) return;
  decide(GateVerdict::kRegression, spent_ - before);
  decide(GateVerdict::kPass, spent_ - before);
}

/// Tests, of the metrics without a verdict, one side: whether the effect is surely above the least
/// (kRegression) or surely below it (kPass).
void Gate::decide(GateVerdict verdict, double alpha) {
  const bool above = verdict == GateVerdict::kRegression;
  std::vector<Line*> open;
  std::vector<PairedDifferences> differences;
  std::vector<double> p;
  for (Line& line : lines_) {
    if (line.verdict != GateVerdict::kInconclusive) continue;
    open.push_back(&line);
    const auto& all = differences.emplace_back(line.effects);
    const double least = least_of(line.metric);
    const bool enough = line.effects.size() >= options_.least;
    p.push_back(!enough ? 1 : above ? all.p_above(least) : all.p_below(least));
  }
  const std::vector<HolmStep> steps = holm(p, alpha);
  for (std::size_t i = 0; i < open.size(); ++i) {
    (above ? open[i]->low : open[i]->high) =
        above ? differences[i].lower(steps[i].level) : differences[i].upper(steps[i].level);
    if (above) open[i]->high = differences[i].upper(steps[i].level);
    if (!steps[i].rejected) continue;
    open[i]->verdict = verdict;
    open[i]->decided_at = open[i]->effects.size();
  }
}

bool Gate::done() const noexcept {
  const auto verdict_is = [](GateVerdict verdict) {
    return [verdict](const Line& line) { return line.verdict == verdict; };
  };
  return pairs_ >= options_.most ||
         std::ranges::any_of(lines_, verdict_is(GateVerdict::kRegression)) ||
         std::ranges::none_of(lines_, verdict_is(GateVerdict::kInconclusive));
}

std::vector<GateFinding> Gate::findings() const {
  std::vector<GateFinding> findings;
  for (const Line& line : lines_) {
    const bool decided = line.verdict != GateVerdict::kInconclusive;
    const std::size_t pairs = decided ? line.decided_at : line.effects.size();
    const std::vector<double> effects(line.effects.begin(),
                                      line.effects.begin() + static_cast<std::ptrdiff_t>(pairs));
    GateFinding finding;
    finding.metric = line.metric;
    finding.verdict = line.verdict;
    finding.pairs = pairs;
    finding.baseline = middle_of(line.baseline);
    finding.candidate = middle_of(line.candidate);
    if (!effects.empty()) {
      finding.change = change_of(line.metric, PairedDifferences{effects}.estimate());
    }
    finding.low = change_of(line.metric, line.low);
    finding.high = change_of(line.metric, line.high);
    if (finding.low > finding.high) std::swap(finding.low, finding.high);
    finding.effects = line.effects;
    findings.push_back(std::move(finding));
  }
  return findings;
}

GateVerdict overall(std::span<const GateFinding> findings) noexcept {
  const auto any = [findings](GateVerdict verdict) {
    return std::ranges::any_of(
        findings, [verdict](const GateFinding& finding) { return finding.verdict == verdict; });
  };
  if (any(GateVerdict::kRegression)) return GateVerdict::kRegression;
  return any(GateVerdict::kInconclusive) ? GateVerdict::kInconclusive : GateVerdict::kPass;
}

std::size_t pairs_needed(std::size_t metrics, double alpha) noexcept {
  std::size_t pairs = kPairsLeast;
  while (least_p(pairs) * static_cast<double>(metrics) > alpha) ++pairs;
  return pairs;
}

}  // namespace headgate::stats
