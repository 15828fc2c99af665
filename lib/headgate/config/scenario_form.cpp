#include "headgate/config/scenario_form.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "headgate/config/broker_form.hpp"
#include "headgate/config/gateway_form.hpp"
#include "headgate/config/model_form.hpp"
#include "headgate/config/policy_form.hpp"
#include "headgate/config/price_form.hpp"
#include "headgate/config/request_form.hpp"
#include "headgate/config/value.hpp"
#include "headgate/core/text.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::config {
namespace {

Form<std::string> metric() {
  return checked(any_text(), [](std::string&& written) -> Result<std::string> {
    if (const auto known = stats::find_metric(written); !known) {
      return failed(Errc::kInvalidArgument, {}, fmt::format("'{}' {}", written, known.error().why));
    }
    return std::move(written);
  });
}

Form<RunConfig> run() {
  return Object<RunConfig>("a run")
      .optional("precision", &RunConfig::precision, share(),
                "replications go on until the interval of every `on` is this narrow")
      .optional("on", &RunConfig::on, list_of(metric(), 1), "what `precision` is about",
                "[response_time.mean]")
      .optional("duration", &RunConfig::duration, positive_duration(), "of one replication")
      .optional("jobs", &RunConfig::jobs, large(1), "requests of one replication")
      .optional("replications", &RunConfig::replications, small(1, 10'000),
                "with streams of their own; 1 is one long run, cut into sections", "10")
      .optional("warmup", &RunConfig::warmup, or_none("auto", duration()), "not measured", "auto")
      .optional("seed", &RunConfig::seed, large(0), "of every draw", "1")
      .then([](const Node& node, Reading& reading, RunConfig& run) {
        if (run.duration && run.jobs) {
          reading.error("GW001", node.at, "a run has a duration or a number of jobs, not both");
        }
        if (run.precision && run.replications == 1) {
          reading.error("GW001", position_of(node, "replications"),
                        "precision adds replications, and one long run has none",
                        "leave replications out, or give jobs instead of precision");
        }
      })
      .form();
}

/// Any value, as it stands.
Form<Node> tree() {
  return {[](const Node& node, Reading&) { return std::optional<Node>{node}; }, "{}"};
}

/// A file's name or a tree: the loader reads it, here it only has a schema.
Form<Node> gateway() {
  auto form = tree();
  form.schema = "{\"anyOf\":[" + text().schema + "," + gateway_form().schema + "]}";
  return form;
}

void check_exceptions(const Node& node, Reading& reading, WrittenScenario& scenario) {
  for (const StationConfig& station : scenario.config.services) {
    if (!station.targets) continue;
    for (std::size_t i = 0; i < station.except.size(); ++i) {
      if (station.except[i].target < *station.targets) continue;
      const std::string path = fmt::format("services.{}.except.{}.target", station.name, i);
      reading.within(path, [&] {
        reading.error(
            "GW003", position_of(node, path),
            fmt::format("there is no target {} of {}", station.except[i].target, *station.targets),
            "they count from 0");
      });
    }
  }
}

/// Requests must go somewhere, and to one place.
void check_destination(const Node& node, Reading& reading, WrittenScenario& scenario) {
  const ScenarioConfig& config = scenario.config;
  const bool has_gateway = node.find("gateway") != nullptr;
  if (config.publish.empty()) {
    if (config.services.empty() && !has_gateway && node.find("services") == nullptr) {
      reading.error("GW004", node.at, "a scenario needs 'services'",
                    "give services, a gateway that leads to a topic, or publish: TOPIC");
    }
    return;
  }
  const Position at = position_of(node, "publish");
  reading.within("publish", [&] {
    if (has_gateway || !config.services.empty()) {
      reading.error("GW001", at, "a scenario that publishes has neither gateway nor services",
                    "with a gateway, lead a route to the topic");
    }
    std::vector<std::string_view> names;
    names.reserve(config.broker.topics.size());
    for (const BrokerTopicConfig& topic : config.broker.topics) names.push_back(topic.name);
    if (std::ranges::find(names, config.publish) != names.end()) return;
    const std::string_view near = nearest_word(config.publish, names);
    reading.error("GW003", at, fmt::format("the broker has no topic '{}'", config.publish),
                  near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near));
  });
}

/// What an expectation is about must be swept; the point would never come otherwise.
void check_dimensions(const Node& node, Reading& reading, WrittenScenario& scenario) {
  std::vector<std::string_view> names;
  names.reserve(scenario.sweep.dimensions.size());
  for (const WrittenDimension& dimension : scenario.sweep.dimensions)
    names.push_back(dimension.name);
  for (std::size_t i = 0; i < scenario.config.expect.size(); ++i) {
    for (const auto& condition : scenario.config.expect[i].at) {
      const std::string& name = condition.first;
      if (std::ranges::find(names, name) != names.end()) continue;
      const std::string path = fmt::format("expect.{}", i);
      const std::string_view near = nearest_word(name, names);
      reading.within(path, [&] {
        reading.error("GW003", position_of(node, path),
                      fmt::format("the sweep has no dimension '{}'", name),
                      near.empty() ? std::string{} : fmt::format("did you mean '{}'?", near));
      });
    }
  }
}

}  // namespace

Form<WrittenScenario> scenario_form() {
  const auto config = [](auto member) {
    return [member](WrittenScenario& scenario) -> auto& { return scenario.config.*member; };
  };
  using Config = ScenarioConfig;
  return Object<WrittenScenario>("a scenario")
      .optional("question", config(&Config::question), text(), "what it answers")
      .required("arrivals", config(&Config::arrivals), arrivals(), "when requests come")
      .only_checked("gateway", gateway(), "a gateway config: a file's name or its tree",
                    "requests go straight to the service")
      .optional("services", config(&Config::services), by_name(station()),
                "what stands behind the gateway, by name")
      .optional("broker", config(&Config::broker), broker(), "topics of a Kafka cluster")
      .optional("publish", config(&Config::publish), name(),
                "without gateway and services: the topic that every request is a record of")
      .optional("requests", config(&Config::requests), list_of(request(), 1), "what is asked",
                "one GET /")
      .optional("clients", config(&Config::clients), clients(), "how callers behave")
      .optional("sweep", &WrittenScenario::sweep, sweep_form(), "one run for each combination")
      .optional("run", config(&Config::run), run(), "how long and how often")
      .optional("expect", config(&Config::expect), list_of(expectation()),
                "what must come out; decides the exit code")
      .optional("gateways", config(&Config::gateways), gateways(), "how many, and their processors",
                "one, of no cost")
      .optional("network", config(&Config::network), network(), "between gateways and targets",
                "no time is lost in it")
      .optional("faults", config(&Config::faults), list_of(fault()),
                "what breaks or changes, and when")
      .optional("prices", config(&Config::prices), price_form(),
                "what targets cost, for sim capacity")
      .then(check_exceptions)
      .then(check_destination)
      .then(check_dimensions)
      .form();
}

}  // namespace headgate::config
