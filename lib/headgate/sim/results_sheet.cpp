// Results as a sheet for the writers of CSV, Markdown and JUnit: every figure there is.
#include "headgate/sim/results.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::sim {
namespace {

void add_rows(const PointResult& point, report::Sheet& sheet) {
  std::vector<std::string> words;
  for (const auto& [name, word] : point.at()) words.push_back(word);
  const FigureNames figures(point.plan());
  for (const std::string& figure : figures.names()) {
    const auto estimate = point.estimate(figure);
    const auto metric = stats::find_metric(figure);
    if (!estimate || !metric) continue;
    sheet.rows.push_back(
        {.at = words, .figure = figure, .kind = metric->kind, .estimate = *estimate});
  }
}

}  // namespace

report::Sheet results_sheet(const Results& results) {
  report::Sheet sheet;
  sheet.title = results.question;
  if (!results.points.empty()) {
    for (const auto& [name, word] : results.points.front().at()) sheet.dimensions.push_back(name);
  }
  for (const PointResult& point : results.points) add_rows(point, sheet);
  for (const Judged& judged : results.expect) {
    sheet.checks.push_back({.expect = judged.expectation.text,
                            .why = judged.expectation.why,
                            .observed = judged.verdict.observed,
                            .passed = judged.verdict.passed,
                            .certain = judged.verdict.certain});
  }
  return sheet;
}

}  // namespace headgate::sim
