#include "headgate/load/gate_report.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "headgate/core/random.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/sheet.hpp"
#include "headgate/report/table.hpp"
#include "headgate/stats/signed_rank.hpp"

namespace headgate::load {
namespace {

using report::Paint;
using stats::GateFinding;
using stats::GateVerdict;

std::string change_text(const stats::GateMetric& metric, double change) {
  if (!std::isfinite(change)) return change < 0 ? "-∞" : "+∞";
  return metric.by_ratio() ? fmt::format("{:+.2f} %", change * 100)
                           : fmt::format("{:+.3f} points", change * 100);
}

std::string interval_text(const GateFinding& finding) {
  // A fall by all is the end of the scale, as good as none.
  const bool no_low = finding.metric.by_ratio() && finding.low <= -1;
  if ((no_low || !std::isfinite(finding.low)) && !std::isfinite(finding.high)) return "not known";
  return change_text(finding.metric, finding.low) + " … " +
         change_text(finding.metric, finding.high);
}

std::string allowed_text(const stats::GateMetric& metric) {
  const double sign = metric.worse == stats::Worse::kHigher ? 1 : -1;
  return metric.by_ratio() ? fmt::format("{:+.4g} %", sign * metric.least_effect * 100)
                           : fmt::format("{:+.4g} points", sign * metric.least_effect * 100);
}

std::string value_text(const GateFinding& finding, double value) {
  return finding.effects.empty() ? "-" : stats::metric_text(finding.metric.kind, value);
}

/// The metric's sentence in CI: `+7.1 % (+5.9 % … +8.2 %), 2.01ms to 2.15ms, 23 pairs; +5 % is
/// allowed`.
std::string sentence(const GateFinding& finding) {
  if (finding.effects.empty()) return "was not measured";
  return fmt::format("{} ({}), {} to {}, {} pairs; {} is allowed",
                     change_text(finding.metric, finding.change), interval_text(finding),
                     value_text(finding, finding.baseline), value_text(finding, finding.candidate),
                     finding.pairs, allowed_text(finding.metric));
}

Paint paint_of(GateVerdict verdict) {
  if (verdict == GateVerdict::kPass) return Paint::kGreen;
  return verdict == GateVerdict::kRegression ? Paint::kRed : Paint::kYellow;
}

std::string_view whole_verdict(const GateReport& report) {
  return report.causes.empty() ? stats::name(stats::overall(report.findings)) : "INVALID";
}

/// What would end a command or one of its properties.
std::string annotation_text(std::string_view text, bool property) {
  std::string escaped;
  for (const char c : text) {
    const bool special = c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
    if (special) {
      escaped += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::string annotation(std::string_view kind, std::string_view title, std::string_view text) {
  return fmt::format("::{} title={}::{}\n", kind, annotation_text(title, true),
                     annotation_text(text, false));
}

report::Json bound_json(double value) {
  return std::isfinite(value) ? report::Json(value) : report::Json(nullptr);
}

report::Json finding_json(const GateFinding& finding, double alpha) {
  report::Json json{{"metric", finding.metric.name},
                    {"verdict", stats::name(finding.verdict)},
                    {"pairs", finding.pairs},
                    {"least_effect", finding.metric.least_effect},
                    {"baseline", finding.baseline},
                    {"candidate", finding.candidate},
                    {"change",
                     {{"value", finding.change},
                      {"low", bound_json(finding.low)},
                      {"high", bound_json(finding.high)}}}};
  if (!finding.effects.empty()) {
    Random random = Random::stream(1, "gate.flips");
    const auto flips = stats::sign_flip_interval(finding.effects, alpha, random);
    json["sign_flip"] = {{"low", bound_json(flips.low)}, {"high", bound_json(flips.high)}};
  }
  json["effects"] = finding.effects;
  return json;
}

}  // namespace

ExitCode exit_code(const GateReport& report) noexcept {
  if (!report.causes.empty()) return ExitCode::kInvalid;
  switch (stats::overall(report.findings)) {
    case GateVerdict::kPass:
      return ExitCode::kYes;
    case GateVerdict::kRegression:
      return ExitCode::kNo;
    case GateVerdict::kInconclusive:
      break;
  }
  return ExitCode::kInconclusive;
}

std::string to_text(const GateReport& report, bool colour) {
  std::string text = fmt::format("baseline   {}\ncandidate  {}\n{}, alpha {:.4g} %\n\n",
                                 report.baseline, report.candidate, report.how, report.alpha * 100);
  report::Table table({{"metric", report::Align::kLeft},
                       {"baseline"},
                       {"candidate"},
                       {"change"},
                       {"surely within"},
                       {"allowed"},
                       {"pairs"},
                       {"verdict", report::Align::kLeft}});
  for (const GateFinding& finding : report.findings) {
    const std::string change =
        finding.effects.empty() ? "-" : change_text(finding.metric, finding.change);
    table.add({finding.metric.label, value_text(finding, finding.baseline),
               value_text(finding, finding.candidate), change, interval_text(finding),
               allowed_text(finding.metric), fmt::format("{}", finding.pairs),
               report::painted(stats::name(finding.verdict), paint_of(finding.verdict), colour)});
  }
  text += table.to_text() + "\n";
  for (const std::string& note : report.notes) text += "note     " + note + "\n";
  for (const std::string& cause : report.causes) text += "invalid  " + cause + "\n";
  const Paint paint =
      report.causes.empty() ? paint_of(stats::overall(report.findings)) : Paint::kRed;
  return text + "verdict  " + report::painted(whole_verdict(report), paint, colour) + "\n";
}

std::string markdown_text(const GateReport& report) {
  std::string text =
      fmt::format("## {}\n\n`{}` against `{}`: {}, alpha {:.4g} %\n\n", whole_verdict(report),
                  report.candidate, report.baseline, report.how, report.alpha * 100);
  text +=
      "| metric | baseline | candidate | change | surely within | allowed | verdict |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | --- |\n";
  for (const GateFinding& finding : report.findings) {
    text +=
        fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", finding.metric.label,
                    value_text(finding, finding.baseline), value_text(finding, finding.candidate),
                    change_text(finding.metric, finding.change), interval_text(finding),
                    allowed_text(finding.metric), stats::name(finding.verdict));
  }
  for (const std::string& note : report.notes) text += "\n" + note + "\n";
  for (const std::string& cause : report.causes) text += "\nNot valid: " + cause + "\n";
  return text;
}

std::string junit_text(const GateReport& report) {
  report::Sheet sheet;
  sheet.title = "loadgen gate";
  for (const GateFinding& finding : report.findings) {
    report::SheetCheck check;
    check.expect = fmt::format("{} changes by less than {}", finding.metric.label,
                               allowed_text(finding.metric));
    check.observed = sentence(finding);
    for (const std::string& cause : report.causes) check.observed += "; not valid: " + cause;
    check.passed = finding.verdict == GateVerdict::kPass;
    check.certain = finding.verdict != GateVerdict::kInconclusive && report.causes.empty();
    sheet.checks.push_back(std::move(check));
  }
  return report::junit_text(sheet);
}

std::string github_text(const GateReport& report) {
  std::string text;
  for (const GateFinding& finding : report.findings) {
    const bool regression = finding.verdict == GateVerdict::kRegression;
    const bool pass = finding.verdict == GateVerdict::kPass;
    text += annotation(regression ? "error"
                       : pass     ? "notice"
                                  : "warning",
                       fmt::format("{} {}", finding.metric.label, stats::name(finding.verdict)),
                       sentence(finding));
  }
  for (const std::string& cause : report.causes) text += annotation("error", "INVALID", cause);
  return text;
}

nlohmann::ordered_json gate_json(const GateReport& report) {
  report::Json json{{"verdict", whole_verdict(report)},
                    {"baseline", report.baseline},
                    {"candidate", report.candidate},
                    {"how", report.how},
                    {"alpha", report.alpha},
                    {"causes", report.causes},
                    {"notes", report.notes},
                    {"metrics", report::Json::array()}};
  for (const GateFinding& finding : report.findings) {
    json["metrics"].push_back(finding_json(finding, report.alpha));
  }
  return json;
}

}  // namespace headgate::load
