// The findings as a table for people and as a document for programs.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "headgate/report/table.hpp"
#include "headgate/sim/theory/check.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::sim::theory {
namespace {

struct Words {
  std::string_view table;
  report::Paint paint;
};

Words words_of(Holds holds) {
  switch (holds) {
    case Holds::kYes:
      return {"yes", report::Paint::kGreen};
    case Holds::kNo:
      return {"NO", report::Paint::kRed};
    case Holds::kTooWide:
      return {"TOO WIDE", report::Paint::kRed};
    case Holds::kNoFigure:
      return {"NO FIGURE", report::Paint::kRed};
    case Holds::kUnchecked:
      break;
  }
  return {"unchecked", report::Paint::kYellow};
}

// Five digits in a unit that does not change from row to row, so that a column can be read down.
std::string value_text(const std::string& figure, double value) {
  const auto metric = stats::find_metric(figure);
  if (!metric) return fmt::format("{:.5g}", value);
  switch (metric->kind) {
    case stats::MetricKind::kDuration:
      return fmt::format("{:#.5g} ms", value / 1e6);
    case stats::MetricKind::kRate:
      return fmt::format("{:#.5g} /s", value);
    case stats::MetricKind::kShare:
      return fmt::format("{:#.5g} %", value * 100);
    case stats::MetricKind::kCount:
      break;
  }
  return fmt::format("{:#.5g}", value);
}

double half_width(const stats::Estimate& estimate) { return (estimate.high - estimate.low) / 2; }

std::string share_text(double part, double whole) {
  return fmt::format("{:.2f}%", whole > 0 ? 100 * part / whole : 0);
}

struct Counts {
  std::size_t cases = 0;
  std::size_t held = 0;
  std::size_t families = 0;
  std::uint64_t requests = 0;
};

Counts counts_of(std::span<const SetupFindings> findings) {
  Counts counts;
  std::string_view family;
  for (const SetupFindings& of_setup : findings) {
    if (of_setup.setup.family.name != family) ++counts.families;
    family = of_setup.setup.family.name;
    counts.requests += of_setup.requests;
    for (const Finding& finding : of_setup.findings) {
      ++counts.cases;
      counts.held += finding.holds == Holds::kYes ? 1 : 0;
    }
  }
  return counts;
}

report::Json finding_json(const Finding& finding) {
  report::Json json{{"figure", finding.claim.figure},
                    {"exact", finding.claim.exact},
                    {"tolerance", finding.claim.tolerance}};
  if (finding.estimate.confidence > 0) json["estimate"] = report::estimate_json(finding.estimate);
  json["holds"] = finding.holds == Holds::kYes;
  if (finding.holds != Holds::kYes) json["why"] = words_of(finding.holds).table;
  return json;
}

}  // namespace

std::string findings_text(std::span<const SetupFindings> findings, bool colour) {
  using report::Align;
  report::Table table({{"family", Align::kLeft},
                       {"case", Align::kLeft},
                       {"figure", Align::kLeft},
                       {"exact"},
                       {"simulated"},
                       {"99.9 % ±"},
                       {"allowed"},
                       {"off"},
                       {"holds", Align::kLeft}});
  std::string_view family;
  for (const SetupFindings& of_setup : findings) {
    const Setup& setup = of_setup.setup;
    std::string first = setup.family.name == family ? "" : setup.family.name;
    std::string second = setup.name;
    family = setup.family.name;
    for (const auto& [claim, estimate, holds] : of_setup.findings) {
      const Words words = words_of(holds);
      const bool known = estimate.confidence > 0;
      table.add({std::exchange(first, {}), std::exchange(second, {}), claim.figure,
                 value_text(claim.figure, claim.exact),
                 known ? value_text(claim.figure, estimate.value) : "",
                 known ? share_text(half_width(estimate), claim.exact) : "",
                 share_text(claim.tolerance, claim.exact),
                 known ? fmt::format("{:+.2f}%", 100 * (estimate.value / claim.exact - 1)) : "",
                 report::painted(words.table, words.paint, colour) +
                     (of_setup.looks > 1 ? ", at the second look" : "")});
    }
  }
  const Counts counts = counts_of(findings);
  return table.to_text() +
         fmt::format("\n{} of {} cases hold, of {} scenarios in {} families; {} requests\n",
                     counts.held, counts.cases, findings.size(), counts.families, counts.requests);
}

report::Json findings_json(std::span<const SetupFindings> findings, std::uint64_t seed) {
  const Counts counts = counts_of(findings);
  report::Json json{{"format", "headgate.theory/1"},
                    {"seed", seed},
                    {"confidence", kTheoryConfidence},
                    {"cases", counts.cases},
                    {"held", counts.held},
                    {"families", counts.families},
                    {"passed", all_hold(findings)},
                    {"scenarios", report::Json::array()}};
  for (const SetupFindings& of_setup : findings) {
    const Setup& setup = of_setup.setup;
    report::Json entry{{"family", setup.family.name},     {"name", setup.name},
                       {"formula", setup.family.formula}, {"source", setup.family.source},
                       {"scenario", setup.scenario},      {"requests", of_setup.requests},
                       {"looks", of_setup.looks},         {"cases", report::Json::array()}};
    for (const Finding& finding : of_setup.findings)
      entry["cases"].push_back(finding_json(finding));
    json["scenarios"].push_back(std::move(entry));
  }
  return json;
}

std::string cases_text(std::span<const Setup> setups) {
  std::string text;
  std::string_view family;
  for (const Setup& setup : setups) {
    if (setup.family.name != family) {
      text += fmt::format("{}{}\n  exact:  {}\n  source: {}\n", text.empty() ? "" : "\n",
                          setup.family.name, setup.family.formula, setup.family.source);
    }
    family = setup.family.name;
    text += fmt::format("  - {}:", setup.name);
    for (const Claim& claim : setup.claims) {
      text += fmt::format(" {} = {}{}", claim.figure, value_text(claim.figure, claim.exact),
                          &claim == &setup.claims.back() ? "" : ",");
    }
    text += "\n";
  }
  return text;
}

}  // namespace headgate::sim::theory
