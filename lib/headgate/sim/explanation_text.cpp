// An explanation as a table and as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "headgate/core/text.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/explanation.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::sim {
namespace {

using report::Json;

constexpr std::size_t kExplainedTargetsMax = 8;

struct Named {
  std::string name;
  double all_ns = 0;
  double slowest_ns = 0;
};

struct TargetName {
  std::string service;
  std::string target;
};

TargetName name_of(const Plan& plan, std::uint32_t target) {
  for (const ServicePlan& service : plan.services) {
    if (target < service.targets.size()) return {service.name, service.targets[target].name};
    target -= static_cast<std::uint32_t>(service.targets.size());
  }
  return {};
}

bool is_at_target(Stage stage) noexcept {
  return stage.kind == Stage::Kind::kQueue || stage.kind == Stage::Kind::kService;
}

std::string_view word_of(Stage::Kind kind) noexcept {
  switch (kind) {
    case Stage::Kind::kGateway:
      return "gateway";
    case Stage::Kind::kRetry:
      return "retry";
    case Stage::Kind::kNetwork:
      return "network";
    case Stage::Kind::kQueue:
      return "queue";
    case Stage::Kind::kService:
      break;
  }
  return "service";
}

std::string name_of(Stage stage, const Plan& plan) {
  switch (stage.kind) {
    case Stage::Kind::kGateway:
      return "in the gateway";
    case Stage::Kind::kRetry:
      return "waiting for a retry";
    case Stage::Kind::kNetwork:
      return "on the network";
    case Stage::Kind::kQueue:
      return "queue of " + name_of(plan, stage.target).service;
    case Stage::Kind::kService:
      break;
  }
  return "service of " + name_of(plan, stage.target).service;
}

void add_to(std::vector<Named>& rows, const std::string& name, const StageMeans& stage) {
  auto row = std::ranges::find(rows, name, &Named::name);
  if (row == rows.end()) row = rows.insert(rows.end(), Named{.name = name});
  row->all_ns += stage.all_ns;
  row->slowest_ns += stage.slowest_ns;
}

std::vector<Named> by_service(const Explanation& explanation, const Plan& plan) {
  std::vector<Named> rows;
  for (const StageMeans& stage : explanation.stages) {
    add_to(rows, name_of(stage.stage, plan), stage);
  }
  return rows;
}

// Queue and service of each target of services that have several, those first in which the slowest
// spend most.
std::vector<Named> by_target(const Explanation& explanation, const Plan& plan) {
  std::vector<Named> rows;
  for (const StageMeans& stage : explanation.stages) {
    if (!is_at_target(stage.stage)) continue;
    add_to(rows, "at " + name_of(plan, stage.stage.target).target, stage);
  }
  // Not stable_sort: clang finds its buffer deprecated.
  std::ranges::sort(rows, [](const Named& a, const Named& b) {
    return a.slowest_ns != b.slowest_ns ? a.slowest_ns > b.slowest_ns : a.name < b.name;
  });
  return rows;
}

std::string time_text(double ns) { return stats::metric_text(stats::MetricKind::kDuration, ns); }

double part(double of, double whole) { return whole > 0 ? of / whole : 0; }

void add_explained(report::Table& table, const Named& row, const Explanation& explanation) {
  const std::string times =
      row.all_ns > 0 ? fmt::format("{:.2g}", row.slowest_ns / row.all_ns) : "";
  table.add({"  " + row.name, time_text(row.all_ns),
             report::human_share(part(row.all_ns, explanation.all_ns)), time_text(row.slowest_ns),
             report::human_share(part(row.slowest_ns, explanation.slowest_ns)), times});
}

// The stage that makes most of what the slowest take longer.
std::string conclusion(const std::vector<Named>& rows, const Explanation& explanation) {
  const double more = explanation.slowest_ns - explanation.all_ns;
  const auto most = std::ranges::max_element(
      rows, {}, [](const Named& row) { return row.slowest_ns - row.all_ns; });
  if (most == rows.end() || more <= 0) return "  all requests take equally long\n";
  return fmt::format(
      "  of the {} that the slowest take longer, {} are {}: {}\n", time_text(more),
      report::human_share(part(most->slowest_ns - most->all_ns, more)), most->name,
      fmt::format("{} instead of {}", time_text(most->slowest_ns), time_text(most->all_ns)));
}

std::string explained_at(const PointResult& point) {
  std::string text;
  for (const auto& [name, value] : point.at()) text += fmt::format("{}={}, ", name, value);
  return text;
}

Json means_json(double all_ns, double slowest_ns, const Explanation& explanation) {
  return {{"all_ns", all_ns},
          {"all_share", part(all_ns, explanation.all_ns)},
          {"slowest_ns", slowest_ns},
          {"slowest_share", part(slowest_ns, explanation.slowest_ns)}};
}

Json explained_word(const std::string& word) {
  const auto number = parse_number(word);
  return number ? Json(*number) : Json(word);
}

}  // namespace

std::string explanation_text(const Explanation& explanation, const PointResult& point,
                             bool colour) {
  const std::string title = fmt::format(
      "{}{} requests of one replication; the slowest {} take {} or longer", explained_at(point),
      explanation.requests, explanation.slowest, report::human(explanation.from));
  report::Table table({{.title = "", .align = report::Align::kLeft},
                       {.title = "all"},
                       {.title = "share"},
                       {.title = "slowest"},
                       {.title = "share"},
                       {.title = "times"}});
  const std::vector<Named> rows = by_service(explanation, point.plan());
  for (const Named& row : rows) add_explained(table, row, explanation);
  add_explained(table, {"response time", explanation.all_ns, explanation.slowest_ns}, explanation);
  std::vector<Named> targets = by_target(explanation, point.plan());
  const std::size_t hidden = targets.size() - std::min(targets.size(), kExplainedTargetsMax);
  targets.resize(targets.size() - hidden);
  if (targets.size() > 1) {
    for (const Named& row : targets) add_explained(table, row, explanation);
  }
  std::string text = report::painted(title, report::Paint::kBold, colour) + "\n" + table.to_text();
  if (hidden > 0) text += fmt::format("  and {} more targets\n", hidden);
  if (explanation.attempts_slowest > 1) {
    text += fmt::format("  attempts per request: {:.4g}, of the slowest {:.4g}\n",
                        explanation.attempts_all, explanation.attempts_slowest);
  }
  if (explanation.unseen > 0) {
    text += fmt::format("  of the first {} requests; {} came later\n", explanation.requests,
                        explanation.unseen);
  }
  return text + conclusion(rows, explanation) + "\n";
}

Json explanation_json(const Explanation& explanation, const PointResult& point) {
  Json json;
  Json at = Json::object();
  for (const auto& [name, word] : point.at()) at[name] = explained_word(word);
  json["at"] = std::move(at);
  json["requests"] = explanation.requests;
  if (explanation.unseen > 0) json["unseen"] = explanation.unseen;
  json["slowest"] = {{"requests", explanation.slowest}, {"from_ns", explanation.from.count()}};
  json["response_time"] = means_json(explanation.all_ns, explanation.slowest_ns, explanation);
  json["attempts"] = {{"all", explanation.attempts_all}, {"slowest", explanation.attempts_slowest}};
  json["stages"] = Json::array();
  for (const StageMeans& stage : explanation.stages) {
    Json entry{{"stage", word_of(stage.stage.kind)}};
    if (is_at_target(stage.stage)) {
      const TargetName name = name_of(point.plan(), stage.stage.target);
      entry["service"] = name.service;
      entry["target"] = name.target;
    }
    entry.update(means_json(stage.all_ns, stage.slowest_ns, explanation));
    json["stages"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace headgate::sim
