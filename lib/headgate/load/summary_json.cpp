// The result document; its words are a promise (see the README).
#include <nlohmann/json.hpp>

#include "headgate/load/summary.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load {
namespace {

using report::Json;

Json statuses(const Tally& tally) {
  Json json = Json::object();
  for (std::size_t status = 0; status < kStatuses; ++status) {
    if (tally.statuses[status] > 0) json[std::to_string(status)] = tally.statuses[status];
  }
  return json;
}

Json errors(const Tally& tally) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kFailures; ++i) {
    if (tally.failures[i] > 0) json[name(static_cast<Failure>(i))] = tally.failures[i];
  }
  return json;
}

Json targets(const Summary& summary) {
  Json json = Json::object();
  for (std::size_t i = 0; i < summary.targets.size(); ++i) {
    const TargetTotals& target = summary.measured.tally.targets[i];
    json[summary.targets[i]] = {{"sent", target.sent},
                                {"ok", target.totals.ok},
                                {"refused", target.totals.refused},
                                {"failed", target.totals.failed},
                                {"timed_out", target.totals.timed_out},
                                {"in_flight", target.totals.in_flight}};
  }
  return json;
}

Json series(const Tally& tally) {
  Json json = Json::array();
  for (std::size_t i = 0; i < tally.series.size(); ++i) {
    const Second& second = tally.series[i];
    const double mean = second.timed == 0 ? 0
                                          : static_cast<double>(second.response_sum_ns) /
                                                static_cast<double>(second.timed);
    json.push_back({{"second", i},
                    {"scheduled", second.totals.scheduled},
                    {"ok", second.totals.ok},
                    {"refused", second.totals.refused},
                    {"failed", second.totals.failed},
                    {"timed_out", second.totals.timed_out},
                    {"in_flight", second.totals.in_flight},
                    {"not_sent", second.totals.not_sent},
                    {"response_mean_ns", mean},
                    {"response_max_ns", second.response_max.count()}});
  }
  return json;
}

Json expectations(const Summary& summary) {
  Json json = Json::array();
  for (const Judged& judged : summary.expect) {
    json.push_back(report::verdict_json(judged.expectation, judged.verdict));
  }
  return json;
}

Json generator(const Measured& measured) {
  return {{"connections", measured.connections},
          {"lateness_p99_ns", measured.evidence.lateness_p99.count()},
          {"overdue", measured.evidence.overdue},
          {"cpu_share_max", measured.evidence.cpu_share_max}};
}

}  // namespace

nlohmann::ordered_json to_json(const Summary& summary) {
  const Measured& measured = summary.measured;
  const Tally& tally = measured.tally;
  Json json;
  json["format"] = "headgate.load/1";
  json["verdict"] = summary.causes.empty() ? "valid" : "invalid";
  json["causes"] = summary.causes;
  json["manifest"] = report::manifest_json(summary.manifest);
  json["load"] = summary.load;
  json["seed"] = summary.seed;
  json["interrupted"] = measured.interrupted;
  json["duration_ns"] = measured.window.count();
  json["totals"] = report::totals_json(tally.totals);
  json["offered_per_s"] = measured.per_second(tally.totals.scheduled);
  json["throughput_per_s"] = measured.per_second(tally.answered_in_time);
  json["goodput_per_s"] = measured.per_second(tally.ok_in_time);
  json["bytes_received"] = tally.bytes_in;
  json["response_time"] = report::timing_json(tally.response_time);
  json["service_time"] = report::timing_json(tally.service_time);
  json["send_lag"] = report::timing_json(tally.send_lag);
  json["statuses"] = statuses(tally);
  json["errors"] = errors(tally);
  json["targets"] = targets(summary);
  json["generator"] = generator(measured);
  json["series"] = series(tally);
  json["expect"] = expectations(summary);
  return json;
}

}  // namespace headgate::load
