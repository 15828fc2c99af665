// What the HTML page of a run draws from: the result document without its histograms, percentile
// curves, and the series in at most kColumns columns with a map of response times.
#include "headgate/report/html/page.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "headgate/load/exports.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load {
namespace {

using report::Json;

constexpr std::size_t kColumns = 600;  // seconds, or bins of several, that a page can show
constexpr double kRows = 36;           // of the map of response times, at most
constexpr double kRowsPerDecade = 12;
constexpr int kPointsPerNine = 24;  // of a percentile curve

/// Of the shares that its count can tell, evenly over the nines.
Json curve_of(const stats::Histogram& histogram) {
  Json points = Json::array();
  const auto count = static_cast<double>(histogram.count());
  for (int i = 0; count > 0; ++i) {
    const double left = std::pow(10.0, -static_cast<double>(i) / kPointsPerNine);
    const bool end = left * count < 1;
    const double share = end ? 1 - 1 / count : 1 - left;
    points.push_back({share, histogram.quantile(end ? 1 : share).count()});
    if (end) break;
  }
  return points;
}

Json curves_of(const Tally& tally) {
  Json curves = Json::array();
  const auto add = [&curves](const char* name, const stats::Histogram& histogram) {
    if (histogram.count() > 0) {
      curves.push_back({{"name", name}, {"points", curve_of(histogram)}});
    }
  };
  add("response time", tally.response_time);
  add("service time", tally.service_time);
  add("first byte", tally.first_byte_time);
  add("send lag", tally.send_lag);
  return curves;
}

/// Several seconds as one.
struct Column {
  stats::Totals totals;
  std::uint64_t bytes_in = 0;
  stats::CoarseHistogram::Exact exact;
  Duration p50{};
  Duration p90{};
  Duration p99{};
  std::vector<stats::Histogram::Bucket> buckets;
};

Column column_of(const std::vector<Second>& series, std::size_t begin, std::size_t end) {
  Column column;
  stats::CoarseHistogram histogram;
  for (std::size_t i = begin; i < end; ++i) {
    column.totals += series[i].totals;
    column.bytes_in += series[i].bytes_in;
    histogram.merge(series[i].response_time);
  }
  column.exact = histogram.exact();
  column.p50 = histogram.quantile(0.5);
  column.p90 = histogram.quantile(0.9);
  column.p99 = histogram.quantile(0.99);
  column.buckets = histogram.buckets();
  return column;
}

std::vector<Column> columns_of(const std::vector<Second>& series, std::size_t width) {
  std::vector<Column> columns;
  for (std::size_t begin = 0; begin < series.size(); begin += width) {
    columns.push_back(column_of(series, begin, std::min(begin + width, series.size())));
  }
  return columns;
}

Json series_of(const std::vector<Column>& columns) {
  Json json = Json::object();
  const auto add = [&](const char* key, auto value) {
    Json list = Json::array();
    for (const Column& column : columns) list.push_back(value(column));
    json[key] = std::move(list);
  };
  add("scheduled", [](const Column& c) { return c.totals.scheduled; });
  add("ok", [](const Column& c) { return c.totals.ok; });
  add("refused", [](const Column& c) { return c.totals.refused; });
  add("failed", [](const Column& c) { return c.totals.failed; });
  add("timed_out", [](const Column& c) { return c.totals.timed_out; });
  add("in_flight", [](const Column& c) { return c.totals.in_flight; });
  add("not_sent", [](const Column& c) { return c.totals.not_sent; });
  add("bytes", [](const Column& c) { return c.bytes_in; });
  // Null where nothing was timed: a gap, not a zero.
  const auto time = [&](const char* key, auto value) {
    add(key, [value](const Column& c) { return c.exact.count == 0 ? Json{} : Json(value(c)); });
  };
  time("p50_ns", [](const Column& c) { return c.p50.count(); });
  time("p90_ns", [](const Column& c) { return c.p90.count(); });
  time("p99_ns", [](const Column& c) { return c.p99.count(); });
  time("max_ns", [](const Column& c) { return c.exact.max.count(); });
  time("mean_ns", [](const Column& c) {
    return static_cast<double>(c.exact.sum_ns) / static_cast<double>(c.exact.count);
  });
  return json;
}

/// {"rows": lower ends in ns, ascending, "cells": [column, row, count]}.
Json map_of(const std::vector<Column>& columns) {
  double low = 1e18;
  double high = 1;
  for (const Column& column : columns) {
    if (column.exact.count == 0) continue;
    low = std::min(low, std::max(1.0, static_cast<double>(column.exact.min.count())));
    high = std::max(high, static_cast<double>(column.exact.max.count()));
  }
  Json json{{"rows", Json::array()}, {"cells", Json::array()}};
  if (low > high) return json;
  const double decades = std::max(std::log10(high / low), 0.1);
  const double per_decade = std::clamp(kRows / decades, 1.0, kRowsPerDecade);
  const auto row_of = [&](Duration value) {
    const double at = std::log10(std::max(1.0, static_cast<double>(value.count())) / low);
    return static_cast<std::size_t>(std::max(0.0, at * per_decade));
  };
  const std::size_t rows = row_of(Duration{static_cast<std::int64_t>(high)}) + 1;
  for (std::size_t i = 0; i < rows; ++i) {
    json["rows"].push_back(low * std::pow(10.0, static_cast<double>(i) / per_decade));
  }
  for (std::size_t c = 0; c < columns.size(); ++c) {
    std::vector<std::uint64_t> counts(rows);
    for (const auto& bucket : columns[c].buckets) {
      const Duration middle = bucket.low + (bucket.high - bucket.low) / 2;
      counts[std::min(row_of(middle), rows - 1)] += bucket.count;
    }
    for (std::size_t row = 0; row < rows; ++row) {
      if (counts[row] > 0) json["cells"].push_back({c, row, counts[row]});
    }
  }
  return json;
}

void drop_histograms(Json& json) {
  if (json.is_object()) json.erase("hdr");
  if (!json.is_structured()) return;
  for (Json& part : json) drop_histograms(part);
}

}  // namespace

std::string html_text(const Summary& summary) {
  const auto& series = summary.measured.tally.series;
  Json results = to_json(summary);
  results.erase("series");
  drop_histograms(results);
  const std::size_t width = std::max<std::size_t>(1, (series.size() + kColumns - 1) / kColumns);
  const std::vector<Column> columns = columns_of(series, width);
  const Json data{{"results", std::move(results)}, {"curves", curves_of(summary.measured.tally)},
                  {"seconds_per_column", width},   {"seconds", series.size()},
                  {"series", series_of(columns)},  {"map", map_of(columns)}};
  std::string title = "Load on";
  for (const std::string& target : summary.targets) title += " " + target;
  return report::html::load_page(title, data);
}

}  // namespace headgate::load
