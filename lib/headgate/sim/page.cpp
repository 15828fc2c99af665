#include "headgate/sim/page.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <variant>

#include "headgate/sim/results.hpp"

namespace headgate::sim {
namespace {

using report::Json;

constexpr std::array<std::string_view, 4> kAnswers{"ok", "refused", "failed", "timed_out"};

std::string_view word_of(Answer answer) { return kAnswers[static_cast<std::size_t>(answer)]; }

// Twenty shares for each nine, from the first tenth up to four nines, or as far as there are
// requests to tell.
Json curve_json(const stats::Histogram& histogram) {
  Json curve = Json::array();
  const auto count = static_cast<double>(histogram.count());
  for (int i = 1; i <= 80; ++i) {
    const double beyond = std::pow(10.0, -i / 20.0);
    if (count * beyond < 1) break;
    curve.push_back({1 - beyond, histogram.quantile(1 - beyond).count()});
  }
  return curve;
}

Json theory_json(const Results& results) {
  Json theory = Json::array();
  for (const Judged& judged : results.expect) {
    const auto* bound = std::get_if<stats::Bound>(&judged.expectation.claim);
    if (bound == nullptr || bound->relation != stats::Relation::kEqual) continue;
    theory.push_back({{"metric", judged.expectation.metric},
                      {"at", judged.expectation.at},
                      {"value", bound->value}});
  }
  return theory;
}

Json flows_json(const PointRecord& record) {
  Json flows = Json::array();
  for (const Flow& flow : record.flows) {
    const bool nowhere = flow.target == Flow::kNowhere;
    flows.push_back({{"target", nowhere ? -1 : static_cast<int>(flow.target)},
                     {"retried", flow.retried},
                     {"answer", word_of(flow.answer)},
                     {"requests", flow.requests}});
  }
  return flows;
}

// Times count from the first request of the trace; null is a step that did not come.
Json step(TimePoint at, TimePoint origin) {
  return at == kNeverAt ? Json(nullptr) : Json((at - origin).count());
}

// [sent, settled, answer, [[target, picked, started, finished, concluded], …]]
Json trace_json(const PointRecord& record) {
  if (record.trace.empty()) return nullptr;
  const TimePoint origin = record.trace.front().sent;
  Json requests = Json::array();
  for (const TracedRequest& request : record.trace) {
    Json attempts = Json::array();
    for (const TracedAttempt& attempt : request.attempts) {
      attempts.push_back({attempt.target, step(attempt.picked, origin),
                          step(attempt.started, origin), step(attempt.finished, origin),
                          step(attempt.concluded, origin)});
    }
    requests.push_back({step(request.sent, origin), step(request.settled, origin),
                        word_of(request.answer), std::move(attempts)});
  }
  return {{"from_ns", origin.time_since_epoch().count()}, {"requests", std::move(requests)}};
}

std::string_view word_of(FaultPlan::Kind kind) {
  switch (kind) {
    case FaultPlan::Kind::kSlow:
      return "slow";
    case FaultPlan::Kind::kLossy:
      return "lossy";
    case FaultPlan::Kind::kPause:
      return "paused";
    case FaultPlan::Kind::kPartition:
      return "cut off";
    case FaultPlan::Kind::kDown:
      break;
  }
  return "down";
}

// Faults of several targets at once are one: [what, from, until] of each, in the order of the plan;
// then the gateways' configs after the first.
Json faults_json(const Plan& plan) {
  Json faults = Json::array();
  for (const FaultPlan& fault : plan.faults) {
    const bool ends = fault.end != TimePoint::max();
    Json entry{word_of(fault.kind), fault.at.time_since_epoch().count(),
               ends ? Json(fault.end.time_since_epoch().count()) : Json(nullptr)};
    if (std::ranges::find(faults, entry) == faults.end()) faults.push_back(std::move(entry));
  }
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const bool is_last = i + 1 == plan.changes.size();
    faults.push_back(
        {"config " + std::to_string(i + 2), plan.changes[i].since.time_since_epoch().count(),
         is_last ? Json(nullptr) : Json(plan.changes[i + 1].since.time_since_epoch().count())});
  }
  return faults;
}

Json shown_json(const PointResult& point, const PointRecord* record) {
  Json json;
  json["curve"] = curve_json(point.response_time());
  Json servers = Json::array();
  for (const ServicePlan& service : point.plan().services) {
    for (const TargetPlan& target : service.targets) servers.push_back(target.station.servers);
  }
  json["targets"] = target_names(point.plan());
  json["servers"] = std::move(servers);
  if (record == nullptr) return json;
  json["series"] = series_json(*record, point.plan());
  json["faults"] = faults_json(point.plan());
  json["flows"] = flows_json(*record);
  json["trace"] = trace_json(*record);
  return json;
}

}  // namespace

Json page_json(const Results& results, std::span<const PointRecord> records) {
  Json json;
  json["results"] = results_json(results, {.welch = true});
  for (Json& point : json["results"]["points"]) {
    for (const char* timing : {"response_time", "queue_time"}) point[timing].erase("hdr");
  }
  json["theory"] = theory_json(results);
  json["points"] = Json::array();
  for (std::size_t i = 0; i < results.points.size(); ++i) {
    const PointRecord* record = i < records.size() ? &records[i] : nullptr;
    json["points"].push_back(shown_json(results.points[i], record));
  }
  return json;
}

}  // namespace headgate::sim
