#include "headgate/load/versus.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "headgate/core/text.hpp"
#include "headgate/load/stored.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/json_part.hpp"
#include "headgate/report/table.hpp"

namespace headgate::load {
namespace {

using report::Json;
using report::JsonPart;

constexpr std::array<std::string_view, 12> kCompared{
    "offered",           "throughput",        "response_time.mean", "response_time.p50",
    "response_time.p90", "response_time.p95", "response_time.p99",  "response_time.p999",
    "response_time.max", "refused_share",     "failed_share",       "timed_out_share"};

Side measured_side(const Summary& summary) {
  Side side{.name = "measured", .figures = {}};
  const stats::Totals& totals = summary.measured.tally.totals;
  for (const std::string_view metric : kCompared) {
    if (const auto value = metric_of(summary.measured, metric)) {
      side.figures[std::string{metric}] = stats::single_value(*value);
    }
  }
  for (const auto& [metric, part] : {std::pair{"refused_share", totals.refused},
                                     {"failed_share", totals.failed},
                                     {"timed_out_share", totals.timed_out}}) {
    side.figures[metric] = stats::single_value(totals.share_of_finished(part));
  }
  return side;
}

/// `load=0.9, policy=two_choices`.
std::string place_of(const Json& point) {
  std::string text;
  const Json place = point.value("at", Json::object());
  for (const auto& [dimension, word] : place.items()) {
    const std::string value = word.is_string() ? word.get<std::string>() : word.dump();
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", dimension, value);
  }
  return text;
}

/// Whether the point lies where `at` says: words match by text or as numbers.
bool lies_at(const Json& point, std::string_view at) {
  while (!at.empty()) {
    const std::string_view term = at.substr(0, at.find(','));
    at.remove_prefix(std::min(term.size() + 1, at.size()));
    const auto sign = term.find('=');
    if (sign == std::string_view::npos) return false;
    const Json place = point.value("at", Json::object());
    const auto found = place.find(std::string{term.substr(0, sign)});
    if (found == place.end()) return false;
    const std::string word{term.substr(sign + 1)};
    const std::string text = found->is_string() ? found->get<std::string>() : found->dump();
    const Json number = Json::parse(word, nullptr, false);
    const bool equal = found->is_number() && number.is_number() && *found == number;
    if (text != word && !equal) return false;
  }
  return true;
}

Result<std::size_t> choose_point(const Json& points, const std::string& path,
                                 const std::string& at) {
  std::optional<std::size_t> chosen;
  std::string places;
  std::size_t matching = 0;
  for (std::size_t i = 0; i < points.size(); ++i) {
    places += (places.empty() ? "" : "; ") + place_of(points[i]);
    if (!lies_at(points[i], at)) continue;
    chosen = i;
    ++matching;
  }
  if (matching == 1 && chosen) return *chosen;
  return failed(
      Errc::kInvalidArgument, path,
      matching == 0 && !at.empty()
          ? fmt::format("has no point at {}; there are: {}", at, places)
          : fmt::format("has {} points; choose one with --at: {}", points.size(), places));
}

stats::Estimate read_estimate(const JsonPart& part) {
  return {.value = part["value"].number(),
          .low = part["low"].number(),
          .high = part["high"].number(),
          .confidence = part["confidence"].number()};
}

Result<Side> predicted_side(const Json& document, const std::string& path, const std::string& at) {
  const Json points = document.value("points", Json::array());
  const auto index = choose_point(points, path, at);
  if (!index) return std::unexpected(index.error());
  std::optional<Error> fault;
  const JsonPart point = JsonPart{document, fault}["points"].at(*index);
  const std::string place = place_of(points[*index]);
  Side side{.name = place.empty() ? "predicted" : "predicted at " + place, .figures = {}};
  for (const std::string_view metric : kCompared) {
    const auto dot = metric.find('.');
    JsonPart part = point;
    if (dot == std::string_view::npos) {
      if (!point.has(metric)) continue;
      part = point[metric];
    } else {
      const std::string key = std::string{metric.substr(dot + 1)} + "_ns";
      if (!point["response_time"].has(key)) continue;
      part = point["response_time"][key];
    }
    side.figures[std::string{metric}] =
        part.is_number() ? stats::single_value(part.number()) : read_estimate(part);
  }
  if (fault) return failed(fault->code, path + ":" + fault->where, fault->why);
  return side;
}

std::string difference_cell(const VersusRow& row) {
  if (std::isinf(row.difference)) return "-";
  return fmt::format("{:+.1f}{}", 100 * row.difference,
                     row.kind == stats::MetricKind::kShare ? " points" : " %");
}

std::string interval_cell(const VersusRow& row) {
  const stats::Estimate& known = row.first.confidence > 0 ? row.first : row.second;
  if (known.confidence <= 0) return {};
  return fmt::format("{} … {}", stats::metric_text(row.kind, known.low),
                     stats::metric_text(row.kind, known.high));
}

}  // namespace

Result<Side> read_side(const std::string& path, const std::string& at) {
  const auto text = report::read_file(path);
  if (!text) return std::unexpected(text.error());
  const Json json = Json::parse(*text, nullptr, false);
  const bool predicted = json.is_object() && json.contains("format") &&
                         json["format"].is_string() &&
                         json["format"].get<std::string>().starts_with("headgate.sim/");
  if (predicted) {
    const auto document = report::parse_document(*text, "headgate.sim/1", path);
    if (!document) return std::unexpected(document.error());
    return predicted_side(*document, path, at);
  }
  const auto summary = parse_result(*text, path);
  if (!summary) return std::unexpected(summary.error());
  return measured_side(*summary);
}

std::vector<VersusRow> versus(const Side& first, const Side& second) {
  std::vector<VersusRow> rows;
  for (const std::string_view name : kCompared) {
    const auto a = first.figures.find(std::string{name});
    const auto b = second.figures.find(std::string{name});
    const auto metric = stats::find_metric(name);
    if (a == first.figures.end() || b == second.figures.end() || !metric) continue;
    VersusRow row{.metric = std::string{name},
                  .kind = metric->kind,
                  .first = a->second,
                  .second = b->second,
                  .difference = b->second.value - a->second.value};
    if (row.kind != stats::MetricKind::kShare && row.difference != 0) {
      row.difference = row.first.value == 0 ? HUGE_VAL : row.difference / row.first.value;
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string versus_text(const Side& first, const Side& second) {
  const bool same = first.name == second.name;
  report::Table table{{{"", report::Align::kLeft},
                       {same ? "first" : first.name},
                       {same ? "second" : second.name},
                       {"difference"},
                       {"interval", report::Align::kLeft}}};
  for (const VersusRow& row : versus(first, second)) {
    table.add({row.metric, stats::metric_text(row.kind, row.first.value),
               stats::metric_text(row.kind, row.second.value), difference_cell(row),
               interval_cell(row)});
  }
  return table.to_text();
}

nlohmann::ordered_json versus_json(const Side& first, const Side& second) {
  Json json{{"format", "headgate.versus/1"},
            {"first", first.name},
            {"second", second.name},
            {"metrics", Json::object()}};
  for (const VersusRow& row : versus(first, second)) {
    json["metrics"][row.metric] = {{"first", report::estimate_json(row.first)},
                                   {"second", report::estimate_json(row.second)},
                                   {"difference", row.difference}};
  }
  return json;
}

}  // namespace headgate::load
