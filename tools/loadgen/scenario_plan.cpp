#include "scenario_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "flag_values.hpp"
#include "headgate/config/scenario_config.hpp"
#include "headgate/load/summary.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/plan_load.hpp"

namespace headgate::loadgen {
namespace {

/// Connections of an open loop: the simulator knows no bound, so it should not be felt.
constexpr std::uint32_t kScenarioConnections = 512;
/// Of clients that wait for ever.
constexpr Duration kScenarioPatience = std::chrono::hours{1};

void note(const std::string& file, const std::string& text) {
  std::fprintf(stderr, "loadgen: %s: %s\n", file.c_str(), text.c_str());
}

/// `NAME=WORD` in `text`; an error in the form of the grammar if there is no '='.
std::optional<std::pair<std::string, std::string>> parse_pair(const std::string& text) {
  const std::size_t equal = text.find('=');
  if (equal == std::string::npos || equal == 0) return std::nullopt;
  return std::pair{text.substr(0, equal), text.substr(equal + 1)};
}

using Place = std::map<std::string, std::string>;

std::optional<Place> parse_place(std::string_view text) {
  Place place;
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const auto pair = parse_pair(std::string{text.substr(0, comma)});
    if (!pair) return std::nullopt;
    place.insert(*pair);
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
  return place;
}

bool lies_at(const config::ScenarioPoint& point, const Place& place) {
  return std::ranges::all_of(place, [&point](const auto& want) {
    return std::ranges::find(point.at, std::pair{want.first, want.second}) != point.at.end();
  });
}

std::string name_of(const config::ScenarioPoint& point) {
  std::string name;
  for (const auto& [dimension, word] : point.at) {
    name.append(name.empty() ? "" : ",").append(dimension).append("=").append(word);
  }
  return name;
}

/// The one point at `place`, or null after saying which there are.
const config::ScenarioPoint* point_at(const config::Scenario& scenario, const Place& place) {
  const config::ScenarioPoint* found = nullptr;
  std::size_t count = 0;
  for (const config::ScenarioPoint& point : scenario.points) {
    if (!lies_at(point, place)) continue;
    found = &point;
    ++count;
  }
  if (count == 1) return found;
  note(scenario.file,
       fmt::format("{} points of the sweep lie at that place; name one with --at, such as --at {}",
                   count, name_of(scenario.points.front())));
  return nullptr;
}

std::vector<config::LoadRequest> requests_of(const config::ScenarioConfig& scenario) {
  std::vector<config::LoadRequest> requests;
  for (const config::RequestConfig& from : scenario.requests) {
    config::LoadRequest request;
    request.method = from.method;
    request.path = from.path;
    request.headers = from.headers;
    if (!from.host.empty()) request.headers.emplace_back("host", from.host);
    request.weight = static_cast<std::uint32_t>(std::max(1L, std::lround(1000 * from.weight)));
    requests.push_back(std::move(request));
  }
  return requests;
}

/// The arrivals at the point's load, if it has one: a share of what the scenario's services can do.
std::optional<arrival::Arrivals> arrivals_of(const config::Scenario& scenario,
                                             const config::ScenarioConfig& point) {
  if (!point.load || !point.arrivals || point.arrivals->is_closed()) return point.arrivals;
  const auto plan = sim::make_plan(point);
  if (!plan) {
    note(scenario.file, plan.error().where + ": " + plan.error().why);
    return std::nullopt;
  }
  const double rate = *point.load * sim::full_load_of(*plan);
  if (!std::isfinite(rate)) {
    note(scenario.file, "a load is a share of what the services can do, and these have no limit");
    return std::nullopt;
  }
  return point.arrivals->at_rate(arrival::nearest_rate(rate));
}

/// What a load run measures of what is expected at that point.
std::vector<stats::Expectation> expected_at(const config::Scenario& scenario,
                                            const config::ScenarioPoint& point) {
  std::vector<stats::Expectation> kept;
  for (stats::Expectation expectation : point.scenario.expect) {
    const Place place(expectation.at.begin(), expectation.at.end());
    const bool here = lies_at(point, place);
    const bool orders = !std::holds_alternative<stats::Bound>(expectation.claim);
    if (!here || orders || !load::is_measured(expectation.metric)) {
      note(scenario.file, "not measured here: " + expectation.text);
      continue;
    }
    expectation.at.clear();
    kept.push_back(std::move(expectation));
  }
  return kept;
}

}  // namespace

std::optional<config::LoadPlan> plan_of_scenario(const ScenarioChoice& choice) {
  std::vector<config::Setting> settings;
  for (const std::string& text : choice.set) {
    const auto pair = parse_pair(text);
    if (!pair) return note("--set", "'" + text + "' is not written PATH=VALUE"), std::nullopt;
    settings.push_back({pair->first, pair->second});
  }
  const auto place = parse_place(choice.at);
  if (!place) return note("--at", "'" + choice.at + "' is not written NAME=VALUE"), std::nullopt;
  const auto loaded = accept(config::load_scenario_file(choice.file, settings));
  if (!loaded) return std::nullopt;
  const config::ScenarioPoint* const point = point_at(*loaded, *place);
  if (point == nullptr) return std::nullopt;
  const config::ScenarioConfig& scenario = point->scenario;
  if (scenario.clients.retry || scenario.clients.hedge) {
    note(choice.file, "'clients.retry' and 'hedge' are the simulator's: each request is sent once");
  }
  config::LoadPlan plan;
  plan.arrivals = arrivals_of(*loaded, scenario);
  if (!plan.arrivals) return std::nullopt;
  plan.requests = requests_of(scenario);
  plan.connections = kScenarioConnections;
  plan.timeout = scenario.clients.timeout.value_or(kScenarioPatience);
  plan.duration = scenario.run.duration;
  plan.count = scenario.run.jobs;
  plan.seed = scenario.run.seed;
  plan.expect = expected_at(*loaded, *point);
  return plan;
}

}  // namespace headgate::loadgen
