#include "headgate/sim/versus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headgate/report/table.hpp"
#include "headgate/sim/differences.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::sim {
namespace {

ComparedPoint compare_points(const PointResult& a, const PointResult& b) {
  ComparedPoint compared{.at = a.at(), .figures = {}};
  for (const std::string& name : compared_figures(a, b)) {
    const auto value_a = a.estimate(name);
    const auto value_b = b.estimate(name);
    const auto found = difference(a, b, name);
    if (!value_a || !value_b || !found) continue;
    compared.figures.push_back({.name = name, .a = *value_a, .b = *value_b, .difference = *found});
  }
  return compared;
}

// What both have as nothing at all is no news.
bool is_shown(const ComparedFigure& figure) { return figure.a.value != 0 || figure.b.value != 0; }

std::string verdict_of(const stats::Estimate& difference) {
  if (difference.low > 0) return "A is more";
  if (difference.high < 0) return "B is more";
  return "may be equal";
}

}  // namespace

Result<std::vector<ComparedPoint>> compare(const Results& a, const Results& b) {
  std::vector<ComparedPoint> points;
  for (const PointResult& point : a.points) {
    const auto same = std::ranges::find(b.points, point.at(), &PointResult::at);
    if (same != b.points.end()) points.push_back(compare_points(point, *same));
  }
  if (!points.empty()) return points;
  return failed(Errc::kInvalidArgument, "sweep",
                "the two scenarios have no point in common; sweep the same dimensions");
}

std::string versus_text(const std::vector<ComparedPoint>& points, bool colour) {
  std::string text;
  for (const ComparedPoint& point : points) {
    std::string title;
    for (const auto& [name, value] : point.at) title += fmt::format("{}={} ", name, value);
    if (!title.empty()) text += report::painted(title, report::Paint::kBold, colour) + "\n";
    report::Table table({{.title = "", .align = report::Align::kLeft},
                         {.title = "A"},
                         {.title = "B"},
                         {.title = "A - B"},
                         {.title = "low"},
                         {.title = "high"},
                         {.title = "correlation"},
                         {.title = "", .align = report::Align::kLeft}});
    for (const ComparedFigure& figure : point.figures) {
      const auto metric = stats::find_metric(figure.name);
      if (!metric || !is_shown(figure)) continue;
      const auto word = [&](double value) { return stats::metric_text(metric->kind, value); };
      const stats::Estimate& found = figure.difference.estimate;
      table.add({"  " + figure.name, word(figure.a.value), word(figure.b.value), word(found.value),
                 word(found.low), word(found.high),
                 fmt::format("{:.2f}", figure.difference.correlation), verdict_of(found)});
    }
    text += table.to_text() + "\n";
  }
  return text;
}

report::Json versus_json(const std::vector<ComparedPoint>& points) {
  report::Json json{{"format", "headgate.compare/1"}, {"points", report::Json::array()}};
  for (const ComparedPoint& point : points) {
    report::Json at = report::Json::object();
    for (const auto& [name, value] : point.at) at[name] = value;
    report::Json figures = report::Json::object();
    for (const ComparedFigure& figure : point.figures) {
      figures[figure.name] = {{"a", report::estimate_json(figure.a)},
                              {"b", report::estimate_json(figure.b)},
                              {"difference", report::estimate_json(figure.difference.estimate)},
                              {"correlation", figure.difference.correlation}};
    }
    json["points"].push_back({{"at", std::move(at)}, {"figures", std::move(figures)}});
  }
  return json;
}

}  // namespace headgate::sim
