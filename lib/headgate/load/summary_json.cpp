// The result document; its words are a promise (see the README).
#include <nlohmann/json.hpp>
#include <utility>

#include "headgate/load/second_json.hpp"
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

/// `min_ns` is what reading the buckets back would lose; `censored` are of the count those that
/// took "at least this long".
Json timing(const stats::Histogram& histogram, std::uint64_t censored = 0) {
  Json json = report::timing_json(histogram);
  json["min_ns"] = histogram.min().count();
  json["censored"] = censored;
  return json;
}

Json classes(const Tally& tally) {
  Json json = Json::object();
  for (std::size_t i = 0; i < kStatusClasses; ++i) {
    if (tally.classes[i].count() == 0) continue;
    json[std::to_string(i + 1) + "xx"] = {{"response_time", timing(tally.classes[i])}};
  }
  return json;
}

Json errnos(const Tally& tally) {
  Json json = Json::object();
  for (const ErrorCount& error : tally.errors) {
    json[name(error.failure)][errno_name(error.error)] = error.count;
  }
  return json;
}

/// The words behind a kind of error; of several, the last.
Json reasons(const Measured& measured) {
  Json json = Json::object();
  if (!measured.tls_fault.empty()) json[name(Failure::kTlsFailed)] = measured.tls_fault;
  return json;
}

Json targets(const Summary& summary) {
  Json json = Json::object();
  for (std::size_t i = 0; i < summary.targets.size(); ++i) {
    const TargetTotals& target = summary.measured.tally.targets[i];
    json[summary.targets[i]] = {
        {"sent", target.sent},
        {"ok", target.totals.ok},
        {"refused", target.totals.refused},
        {"failed", target.totals.failed},
        {"timed_out", target.totals.timed_out},
        {"in_flight", target.totals.in_flight},
        {"response_time",
         timing(target.response_time, target.totals.timed_out + target.totals.in_flight)}};
  }
  return json;
}

Json series(const Tally& tally) {
  Json json = Json::array();
  stats::CoarseHistogram scratch;
  for (std::size_t i = 0; i < tally.series.size(); ++i) {
    json.push_back(second_json(i, tally.series[i], scratch));
  }
  return json;
}

Json generator(const Measured& measured) {
  return {{"connections", measured.connections},
          {"open_loop", measured.evidence.open_loop},
          {"lateness", timing(measured.tally.lateness)},
          {"lateness_p99_ns", measured.evidence.lateness_p99.count()},
          {"overdue", measured.evidence.overdue},
          {"cpu_share_max", measured.evidence.cpu_share_max},
          {"stolen_share", measured.evidence.disturbance.stolen_share},
          {"pressure_share", measured.evidence.disturbance.pressure_share.value_or(0)}};
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
  json["answered_in_time"] = tally.answered_in_time;
  json["ok_in_time"] = tally.ok_in_time;
  json["bytes_received"] = tally.bytes_in;
  json["response_time"] = timing(tally.response_time, tally.response_censored);
  json["service_time"] = timing(tally.service_time, tally.service_censored);
  json["send_lag"] = timing(tally.send_lag);
  json["connect_time"] = timing(tally.connect_time);
  json["tls_time"] = timing(tally.tls_time);
  json["first_byte_time"] = timing(tally.first_byte_time);
  json["statuses"] = statuses(tally);
  json["status_classes"] = classes(tally);
  json["errors"] = errors(tally);
  json["errnos"] = errnos(tally);
  json["reasons"] = reasons(measured);
  json["targets"] = targets(summary);
  json["generator"] = generator(measured);
  json["series"] = series(tally);
  json["expect"] = judged_json(summary.expect);
  if (!summary.agents.empty()) json["agents"] = agents_json(summary.agents);
  return json;
}

}  // namespace headgate::load
