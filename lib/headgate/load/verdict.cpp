#include "headgate/load/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::load {

std::optional<double> timing_figure(const stats::Histogram& histogram, std::string_view which) {
  if (histogram.count() == 0) return std::nullopt;
  if (which == "mean") return histogram.mean_ns();
  if (which == "max") return static_cast<double>(histogram.max().count());
  for (const report::NamedQuantile& quantile : report::named_quantiles()) {
    if (which == quantile.name) return static_cast<double>(histogram.quantile(quantile.q).count());
  }
  return std::nullopt;
}

std::vector<Judged> judge_by(const Figure& figure, const std::vector<stats::Expectation>& expect) {
  const stats::Point point{
      .at = {}, .metric = [&figure](std::string_view name) -> std::optional<stats::Estimate> {
        const auto value = figure(name);
        if (!value) return std::nullopt;
        return stats::single_value(*value);
      }};
  std::vector<Judged> judged;
  judged.reserve(expect.size());
  for (const stats::Expectation& expectation : expect) {
    judged.push_back({expectation, stats::evaluate(expectation, std::span{&point, 1})});
  }
  return judged;
}

bool all_passed(const std::vector<Judged>& expect) noexcept {
  return std::ranges::all_of(expect, [](const Judged& judged) { return judged.verdict.passed; });
}

nlohmann::ordered_json judged_json(const std::vector<Judged>& expect) {
  report::Json json = report::Json::array();
  for (const Judged& judged : expect) {
    json.push_back(report::verdict_json(judged.expectation, judged.verdict));
  }
  return json;
}

std::string judged_text(const std::vector<Judged>& expect, bool colour) {
  std::string text;
  for (const auto& [expectation, verdict] : expect) {
    const std::string word = verdict.passed
                                 ? report::painted("passed", report::Paint::kGreen, colour)
                                 : report::painted("FAILED", report::Paint::kRed, colour);
    text += fmt::format("expect    {}  {}  ({})\n", word, expectation.text, verdict.observed);
  }
  return text;
}

std::string validity_text(const std::vector<std::string>& causes, std::string_view evidence,
                          bool colour) {
  if (causes.empty()) {
    return fmt::format("verdict   {}: {}\n",
                       report::painted("valid", report::Paint::kGreen, colour), evidence);
  }
  std::string text;
  for (const std::string& cause : causes) {
    text += fmt::format("verdict   {}: {}\n",
                        report::painted("INVALID", report::Paint::kRed, colour), cause);
  }
  return text;
}

std::vector<report::SheetCheck> checks_of(const std::vector<std::string>& causes,
                                          const std::vector<Judged>& expect) {
  const bool valid = causes.empty();
  std::string all;
  for (const std::string& cause : causes) all += (all.empty() ? "" : "; ") + cause;
  std::vector<report::SheetCheck> checks{
      {.expect = "the measurement is valid",
       .why = "figures of a generator that was the bottleneck are its own",
       .observed = valid ? "valid" : all,
       .passed = valid,
       .certain = true}};
  for (const auto& [expectation, verdict] : expect) {
    checks.push_back({.expect = expectation.text,
                      .why = expectation.why,
                      .observed = verdict.observed,
                      .passed = verdict.passed,
                      .certain = valid});
  }
  return checks;
}

}  // namespace headgate::load
