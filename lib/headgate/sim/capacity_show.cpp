// A capacity for terminals and for other programs.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "headgate/report/table.hpp"
#include "headgate/sim/capacity.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::sim {
namespace {

std::string rate_text(double rate) { return stats::metric_text(stats::MetricKind::kRate, rate); }

std::string share_text(double share) {
  return stats::metric_text(stats::MetricKind::kShare, share);
}

std::string replicas_text(const std::optional<Replicas>& replicas, const std::string& at) {
  if (!replicas) return "more than eight times what the work alone needs";
  std::string text =
      fmt::format("{} at {}, {} if one may fail", replicas->needed, at, replicas->needed + 1);
  if (replicas->per_million)
    text += fmt::format("; {:.4g} a million requests", *replicas->per_million);
  return text;
}

report::Json replicas_json(const Replicas& replicas) {
  report::Json json{
      {"slo", replicas.slo}, {"n", replicas.needed}, {"n_plus_1", replicas.needed + 1}};
  if (replicas.per_million) json["price_per_million"] = *replicas.per_million;
  return json;
}

// What one more nine costs, where there are prices.
std::string step_text(const Capacity& capacity) {
  if (!capacity.replicas || !capacity.next_nine) return {};
  const auto& now = capacity.replicas->per_million;
  const auto& then = capacity.next_nine->per_million;
  if (!now || !then) return {};
  const double step = *then - *now;
  return fmt::format(" ({:+.4g})", step);
}

}  // namespace

std::string capacity_text(const Capacity& capacity) {
  report::Table table({{.title = capacity.slo, .align = report::Align::kLeft},
                       {.title = "", .align = report::Align::kLeft}});
  const stats::Estimate& highest = capacity.highest;
  table.add({"highest rate",
             fmt::format("{} ({} to {}, {:.4g}%), {} of full load", rate_text(highest.value),
                         rate_text(highest.low), rate_text(highest.high), highest.confidence * 100,
                         share_text(highest.value / capacity.full_load))});
  table.add({"the scenario's rate", fmt::format("{}, headroom {}", rate_text(capacity.rate),
                                                share_text(capacity.headroom()))});
  if (capacity.knee) {
    table.add({"knee of the mean", fmt::format("{}, {} of full load", rate_text(*capacity.knee),
                                               share_text(*capacity.knee / capacity.full_load))});
  }
  if (capacity.twice) {
    table.add({"mean twice that of an idle system",
               fmt::format("{}, {} of full load", rate_text(*capacity.twice),
                           share_text(*capacity.twice / capacity.full_load))});
  }
  const std::string at = rate_text(capacity.rate);
  table.add({fmt::format("targets of {}, now {}", capacity.service, capacity.targets),
             replicas_text(capacity.replicas, at)});
  if (capacity.next_nine) {
    table.add({"the next nine, " + capacity.next_nine->slo,
               replicas_text(capacity.next_nine, at) + step_text(capacity)});
  }
  return table.to_text();
}

report::Json capacity_json(const Capacity& capacity) {
  report::Json json{{"format", "headgate.capacity/1"},
                    {"slo", capacity.slo},
                    {"service", capacity.service},
                    {"targets", capacity.targets},
                    {"rate", capacity.rate},
                    {"full_load", capacity.full_load},
                    {"highest", report::estimate_json(capacity.highest)},
                    {"headroom", capacity.headroom()}};
  if (capacity.knee) json["knee"] = *capacity.knee;
  if (capacity.twice) json["twice"] = *capacity.twice;
  if (capacity.replicas) json["replicas"] = replicas_json(*capacity.replicas);
  if (capacity.next_nine) json["next_nine"] = replicas_json(*capacity.next_nine);
  json["curve"] = report::Json::array();
  for (const stats::CurvePoint& point : capacity.curve) {
    json["curve"].push_back({{"rate", point.x}, {"mean_ns", point.y}});
  }
  return json;
}

}  // namespace headgate::sim
