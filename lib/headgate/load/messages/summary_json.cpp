// The result document of message load; its words are a promise (see the README).
#include <nlohmann/json.hpp>

#include "headgate/load/messages/summary.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load::messages {
namespace {

using report::Json;

constexpr double kMiB = 1024.0 * 1024.0;

Json group_json(const Summary& summary, std::size_t index) {
  const Measured& measured = summary.measured;
  const Consumed& group = measured.groups[index];
  const Account& account = measured.accounts[index];
  const double rate = measured.per_second(group.in_time);
  Json json{{"published", account.published},
            {"consumed", account.consumed},
            {"left", account.left},
            {"lost", account.lost},
            {"duplicated", account.duplicated},
            {"unconfirmed", account.unconfirmed},
            {"out_of_order", group.out_of_order},
            {"damaged", group.damaged},
            {"foreign", group.foreign},
            {"consumed_per_s", rate},
            {"consumed_mib_per_s", rate * static_cast<double>(summary.size) / kMiB},
            {"end_to_end_time", report::timing_json(group.end_to_end_time)}};
  if (summary.queue) {
    json["deliveries"] = group.deliveries;
    json["redelivered"] = group.redelivered;
    json["settled"] = group.settled;
    json["dead"] = group.dead;
    json["settle_time"] = report::timing_json(group.settle_time);
  }
  json["errors"] = group.errors;
  return json;
}

Json series_json(const Measured& measured) {
  Json json = Json::array();
  const auto backlog = backlog_series(measured);
  const std::size_t seconds = std::max(backlog.size(), measured.published.scheduled.size());
  for (std::size_t i = 0; i < seconds; ++i) {
    Json consumed = Json::array();
    for (const Consumed& group : measured.groups) consumed.push_back(group.arrived.at(i));
    json.push_back({{"second", i},
                    {"scheduled", measured.published.scheduled.at(i)},
                    {"published", measured.published.answered.at(i)},
                    {"consumed", consumed},
                    {"backlog", i < backlog.size() ? backlog[i] : 0}});
  }
  return json;
}

Json backlog_json(const Backlog& backlog) {
  const double seconds = static_cast<double>(backlog.drain.count()) / 1e9;
  return {{"built", backlog.built},
          {"build_ns", backlog.build.count()},
          {"drain_ns", backlog.drain.count()},
          {"drain_per_s", seconds > 0 ? static_cast<double>(backlog.built) / seconds : 0}};
}

/// All groups in one histogram: what a consumer of this run saw.
stats::Histogram end_to_end(const Measured& measured) {
  stats::Histogram all;
  for (const Consumed& group : measured.groups) all.merge(group.end_to_end_time);
  return all;
}

}  // namespace

nlohmann::ordered_json to_json(const Summary& summary) {
  const Measured& measured = summary.measured;
  const double published = measured.per_second(measured.published.in_time);
  Json json;
  json["format"] = "headgate.bus/1";
  json["verdict"] = summary.causes.empty() ? "valid" : "invalid";
  json["causes"] = summary.causes;
  json["remarks"] = summary.remarks;
  json["manifest"] = report::manifest_json(summary.manifest);
  json["store"] = summary.kept.store;
  json["durability"] = summary.kept.durability;
  json[summary.queue ? "queue" : "topic"] = summary.name;
  json["load"] = summary.load;
  json["message_bytes"] = summary.size;
  json["seed"] = summary.seed;
  json["interrupted"] = measured.interrupted;
  json["duration_ns"] = measured.window.count();
  json["measured_ns"] = measured.figures.count();
  json["totals"] = report::totals_json(measured.published.totals);
  json["offered_per_s"] = measured.per_second(measured.published.offered);
  json["throughput_per_s"] = published;
  json["throughput_mib_per_s"] = published * static_cast<double>(summary.size) / kMiB;
  json["publish_time"] = report::timing_json(measured.published.publish_time);
  json["end_to_end_time"] = report::timing_json(end_to_end(measured));
  json["send_lag"] = report::timing_json(measured.published.send_lag);
  json["held"] = measured.held();
  json["groups"] = Json::array();
  for (std::size_t i = 0; i < measured.groups.size(); ++i) {
    json["groups"].push_back(group_json(summary, i));
  }
  if (measured.backlog) json["backlog"] = backlog_json(*measured.backlog);
  json["errors"] = measured.published.errors;
  json["generator"] = {{"lateness_p99_ns", measured.evidence.lateness_p99.count()},
                       {"overdue", measured.evidence.overdue},
                       {"cpu_share_max", measured.evidence.cpu_share_max}};
  json["series"] = series_json(measured);
  json["expect"] = judged_json(summary.expect);
  return json;
}

}  // namespace headgate::load::messages
