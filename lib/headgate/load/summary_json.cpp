// The result document; its words are a promise (see the README).
#include <nlohmann/json.hpp>
#include <utility>

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

Json second_json(std::size_t index, const Second& second, stats::CoarseHistogram& scratch) {
  const stats::CoarseHistogram::Exact& exact = second.response_time.exact;
  scratch.reset();
  scratch.merge(second.response_time);
  Json json{{"second", index},
            {"scheduled", second.totals.scheduled},
            {"ok", second.totals.ok},
            {"refused", second.totals.refused},
            {"failed", second.totals.failed},
            {"timed_out", second.totals.timed_out},
            {"in_flight", second.totals.in_flight},
            {"not_sent", second.totals.not_sent},
            {"bytes_received", second.bytes_in},
            {"response_mean_ns", exact.count == 0 ? 0
                                                  : static_cast<double>(exact.sum_ns) /
                                                        static_cast<double>(exact.count)}};
  if (exact.count > 0) {
    for (const auto& [key, q] :
         {std::pair{"response_p50_ns", 0.5}, {"response_p90_ns", 0.9}, {"response_p99_ns", 0.99}}) {
      json[key] = scratch.quantile(q).count();
    }
  }
  json["response_max_ns"] = exact.max.count();
  if (exact.count == 0) return json;
  json["response_min_ns"] = exact.min.count();
  json["response_sum_ns"] = exact.sum_ns;
  json["response_count"] = exact.count;
  json["response_hdr"] = scratch.encode();
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
