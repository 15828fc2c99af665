#include "headgate/sim/sums_json.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace headgate::sim {
namespace {

using report::Json;

std::unexpected<Error> no_part(std::string where, std::string why) {
  return failed(Errc::kCorrupt, std::move(where), std::move(why));
}

Json rows_json(const std::vector<std::vector<double>>& rows) {
  Json json = Json::array();
  for (const std::vector<double>& row : rows) {
    Json& values = json.emplace_back(Json::array());
    for (const double value : row) values.push_back(std::isnan(value) ? Json{} : Json(value));
  }
  return json;
}

std::vector<std::vector<double>> parse_rows(const Json& json, std::size_t width) {
  std::vector<std::vector<double>> rows;
  for (const Json& values : json) {
    std::vector<double>& row = rows.emplace_back();
    for (const Json& value : values) {
      row.push_back(value.is_null() ? std::numeric_limits<double>::quiet_NaN()
                                    : value.get<double>());
    }
    if (row.size() != width) throw std::invalid_argument("other figures");
  }
  return rows;
}

Json histogram_json(const stats::Histogram& histogram) {
  return {{"hdr", histogram.encode()},
          {"min_ns", histogram.min().count()},
          {"max_ns", histogram.max().count()},
          {"overflow", histogram.overflow()}};
}

// The text form knows buckets only; the least, the greatest and the overlong are put back into
// theirs by value.
stats::Histogram parse_histogram(const Json& json) {
  const auto coded = stats::Histogram::decode(json.at("hdr").get<std::string>());
  if (!coded) throw std::invalid_argument(coded.error().why);
  const Duration min{json.at("min_ns").get<std::int64_t>()};
  const Duration max{json.at("max_ns").get<std::int64_t>()};
  auto overflow = json.at("overflow").get<std::uint64_t>();
  stats::Histogram histogram;
  for (const stats::Histogram::Bucket& bucket : coded->buckets()) {
    std::uint64_t left = bucket.count;
    const auto put = [&](Duration value, std::uint64_t times) {
      if (times > left) throw std::invalid_argument("more values than its bucket holds");
      histogram.record_n(value, times);
      left -= times;
    };
    const bool has_longest =
        bucket.low <= stats::Histogram::kLongest && stats::Histogram::kLongest <= bucket.high;
    if (has_longest) put(stats::Histogram::kLongest + Duration{1}, std::exchange(overflow, 0));
    if (bucket.low <= max && max <= bucket.high && left > 0) put(max, 1);
    if (bucket.low <= min && min <= bucket.high && left > 0) put(min, 1);
    histogram.record_n(std::clamp(bucket.low, min, max), left);
  }
  return histogram;
}

Json totals_of(const stats::Totals& totals) {
  return Json::array({totals.scheduled, totals.ok, totals.refused, totals.failed, totals.timed_out,
                      totals.in_flight, totals.not_sent});
}

stats::Totals parse_totals(const Json& json) {
  const auto at = [&](std::size_t i) { return json.at(i).get<std::uint64_t>(); };
  stats::Totals totals{.scheduled = at(0),
                       .ok = at(1),
                       .refused = at(2),
                       .failed = at(3),
                       .timed_out = at(4),
                       .in_flight = at(5),
                       .not_sent = at(6)};
  if (!totals.adds_up()) throw std::invalid_argument("totals that do not add up");
  return totals;
}

PointSums sums_of(const Json& json, const PointResult& like) {
  PointSums sums;
  sums.figures = parse_rows(json.at("figures"), like.names().size());
  sums.batches = parse_rows(json.at("batches"), like.names().size());
  sums.replications = json.at("replications").get<std::size_t>();
  sums.totals = parse_totals(json.at("totals"));
  sums.warmup_requests = json.at("warmup_requests").get<std::uint64_t>();
  for (const Json& timing : json.at("timings")) sums.timings.push_back(parse_histogram(timing));
  if (sums.timings.size() != like.sums().timings.size()) {
    throw std::invalid_argument("other timings");
  }
  sums.published = json.at("published").get<std::vector<std::uint64_t>>();
  if (sums.published.size() != like.published().size()) {
    throw std::invalid_argument("other topics");
  }
  return sums;
}

}  // namespace

Json sums_json(const PointSums& sums) {
  Json timings = Json::array();
  for (const stats::Histogram& timing : sums.timings) timings.push_back(histogram_json(timing));
  return {{"replications", sums.replications},
          {"figures", rows_json(sums.figures)},
          {"batches", rows_json(sums.batches)},
          {"totals", totals_of(sums.totals)},
          {"warmup_requests", sums.warmup_requests},
          {"timings", std::move(timings)},
          {"published", sums.published}};
}

Result<PointSums> parse_sums(const Json& json, const PointResult& like) {
  try {
    return sums_of(json, like);
  } catch (const Json::exception& error) {
    return no_part("points", error.what());
  } catch (const std::invalid_argument& error) {
    return no_part("points", std::string{"has "} + error.what());
  }
}

Json warmup_parts_json(const Warmup& warmup) {
  return {{"requests", warmup.requests},
          {"found", warmup.found},
          {"batch_size", warmup.batch_size},
          {"means_ns", warmup.means_ns}};
}

Result<Warmup> parse_warmup(const Json& json) {
  try {
    return Warmup{.requests = json.at("requests").get<std::uint64_t>(),
                  .found = json.at("found").get<bool>(),
                  .batch_size = json.at("batch_size").get<std::uint64_t>(),
                  .means_ns = json.at("means_ns").get<std::vector<double>>()};
  } catch (const Json::exception& error) {
    return no_part("warmup", error.what());
  }
}

}  // namespace headgate::sim
