// A record's series as JSON.
#include <cmath>
#include <nlohmann/json.hpp>

#include "headgate/sim/point_record.hpp"

namespace headgate::sim {
namespace {

using report::Json;

// Six digits are more than a picture shows; NaN, where there is nothing, is null.
Json rounded(const std::vector<double>& values) {
  Json array = Json::array();
  for (const double value : values) {
    if (std::isnan(value)) {
      array.push_back(nullptr);
      continue;
    }
    array.push_back(std::round(value * 1e6) / 1e6);
  }
  return array;
}

std::int64_t nanoseconds(TimePoint at) { return at.time_since_epoch().count(); }

}  // namespace

Json series_json(const PointRecord& record, const Plan& plan) {
  const Series& series = record.series;
  Json json;
  json["bin_ns"] = series.width.count();
  json["bins"] = series.bins;
  json["length_ns"] = series.length.count();
  json["window_ns"] = {nanoseconds(record.window_start), nanoseconds(record.window_end)};
  json["offered"] = series.offered;
  json["ok"] = series.ok;
  json["refused"] = series.refused;
  json["failed"] = series.failed;
  json["timed_out"] = series.timed_out;
  json["retries"] = series.retries;
  json["response_mean_ns"] = rounded(series.response_mean_ns);
  json["response_p99_ns"] = rounded(series.response_p99_ns);
  json["in_system"] = rounded(series.in_system);
  Json& targets = json["targets"] = Json::object();
  const std::vector<std::string> names = target_names(plan);
  for (std::size_t i = 0; i < names.size(); ++i) {
    targets[names[i]] = {{"waiting", rounded(series.waiting[i])},
                         {"busy", rounded(series.busy[i])}};
  }
  Json topics = Json::object();
  for (std::size_t i = 0; i < plan.topics.size(); ++i) {
    topics[plan.topics[i]] = {{"events", series.events[i]}, {"lag", rounded(series.lag[i])}};
  }
  if (!topics.empty()) json["topics"] = std::move(topics);
  for (std::size_t i = 0; i < plan.queues.size(); ++i) {
    json["queues"][plan.queues[i].name] = rounded(series.depth[i]);
  }
  for (std::size_t i = 0; i < plan.subscribers.size(); ++i) {
    json["subscribers"][plan.subscribers[i].config.name] =
        rounded(series.depth[plan.queues.size() + i]);
  }
  return json;
}

}  // namespace headgate::sim
