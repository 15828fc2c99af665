// The generated schemas, held to the documents by a validator that is not ours (valijson): what
// reads clean is valid, what the form of a document forbids is not.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "examples.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/config/load_plan.hpp"
#include "headgate/config/policy_document.hpp"
#include "headgate/config/scenario_config.hpp"

namespace {

using namespace headgate::config;
using namespace headgate::config::test;
using nlohmann::json;

/// The tree as a JSON reader would have it: YAML's core schema for bare scalars.
json to_json_tree(const Node& node) {
  json value;
  switch (node.kind) {
    case Node::Kind::kList:
      value = json::array();
      for (const Node& item : node.items) value.push_back(to_json_tree(item));
      return value;
    case Node::Kind::kMap:
      value = json::object();
      for (const Member& member : node.members) value[member.key] = to_json_tree(member.value);
      return value;
    case Node::Kind::kScalar:
      break;
  }
  if (node.quoted) return node.text;
  if (node.text.empty() || node.text == "null" || node.text == "~") return nullptr;
  if (node.text == "true" || node.text == "false") return node.text == "true";
  const json number = json::parse(node.text, nullptr, false);
  return number.is_number() ? number : json(node.text);
}

bool is_valid(const std::string& schema_text, const std::string& document) {
  valijson::Schema schema;
  const json schema_json = json::parse(schema_text);
  valijson::SchemaParser parser{valijson::SchemaParser::kDraft7};
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter{schema_json}, schema);
  const json tree = to_json_tree(read_text(document, "f").value.root);
  valijson::Validator validator;
  return validator.validate(schema, valijson::adapters::NlohmannJsonAdapter{tree}, nullptr);
}

TEST_CASE("the documented examples are valid by the schemas of their documents") {
  CHECK(is_valid(gateway_schema(), kGatewayYaml));
  CHECK(is_valid(gateway_schema(), kGatewayJson));
  CHECK(is_valid(scenario_schema(), kScenarioYaml));
  CHECK(is_valid(load_plan_schema(), kPlanYaml));
}

TEST_CASE("policies alone are valid by their schema, and mistakes in them are not") {
  for (const char* const right :
       {"rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20}",
        "rate_limits: [{algorithm: fixed_window, limit: 5, window: 1s, key: global}]",
        "rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20, fields: [legacy, x], "
        "fields_on: refused, retry_jitter: 500ms, ipv4_prefix: 24, ipv6_prefix: 56, name: a}",
        "rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20, fields: none}",
        "{balance: {policy: two_choices}, targets: [{name: a, weight: 5}, {name: b}]}"}) {
    INFO(right);
    CHECK(is_valid(policy_schema(), right));
  }
  for (const char* const wrong :
       {"{}", "rate_limits: []", "rate_limit: {algorithm: token_bucket, rate: 100/s}",
        "{rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20}, balance: {}}",
        "{balance: {policy: two_choices}, targets: []}", "balance: {policy: two_choices}",
        "{balance: {policy: two_choices}, targets: [{name: a, wieght: 5}]}"}) {
    INFO(wrong);
    CHECK_FALSE(is_valid(policy_schema(), wrong));
  }
}

TEST_CASE("an example of one document is not valid as another") {
  CHECK_FALSE(is_valid(gateway_schema(), kPlanYaml));
  CHECK_FALSE(is_valid(load_plan_schema(), kScenarioYaml));
  CHECK_FALSE(is_valid(scenario_schema(), kGatewayYaml));
}

TEST_CASE("an entry of faults is a fault of a target or a change of config") {
  const auto accepts = [](const std::string& entry) {
    return is_valid(scenario_schema(),
                    "arrivals: {poisson: 1/s}\nfaults: [{at: 1s, " + entry + "}]");
  };
  CHECK(accepts("target: a, slow: 2"));
  CHECK(accepts("gateway: other.yaml"));
  CHECK(accepts("for: 5s, gateway: " + kGatewayJson));
  CHECK_FALSE(accepts("gateway: {listeners: []}"));
  CHECK_FALSE(accepts("target: a, gateway: other.yaml"));
  CHECK_FALSE(accepts("slow: 2, gateway: other.yaml"));
  CHECK_FALSE(accepts("slow: 2"));
  CHECK_FALSE(accepts("target: a"));
}

std::string input_of(const std::string& fixture) {
  std::ifstream in{HG_SOURCE_DIR "/tests/golden/lint/" + fixture + ".txt"};
  std::stringstream text;
  text << in.rdbuf();
  return text.str().substr(0, text.str().find("----\n"));
}

TEST_CASE("the schema accepts every config that lints clean") {
  for (const auto& entry :
       std::filesystem::directory_iterator{HG_SOURCE_DIR "/tests/golden/lint"}) {
    const std::string name = entry.path().stem().string();
    if (!name.ends_with("_good")) continue;
    INFO(name);
    CHECK(is_valid(gateway_schema(), input_of(name)));
  }
}

TEST_CASE("the schema refuses each single mistake in the form of a config") {
  // One change to the documented example at a time.
  const std::vector<std::pair<std::string, std::string>> mistakes = {
      {"weight: 1", "wieght: 1"},
      {"weight: 1", "weight: 0"},
      {"response: 2s", "response: 2"},
      {"response: 2s", "response: 2 s"},
      {"rate: 100/s", "rate: 100"},
      {"rate: 100/s", "rate: 100/fortnight"},
      {"algorithm: token_bucket", "algorithm: token_buckett"},
      {"algorithm: token_bucket", "algorithm: fixed_window"},
      {"burst: 20, ", ""},
      {"burst: 20", "burst: many"},
      {"burst: 20", "burst: 20, window: 1s"},
      {"key: client_ip", "key: address"},
      {"key: client_ip", "fields: github"},
      {"key: client_ip", "fields: [x, none]"},
      {"key: client_ip", "fields: []"},
      {"key: client_ip", "fields_on: always"},
      {"key: client_ip", "retry_jitter: 500"},
      {"key: client_ip", "ipv4_prefix: 33"},
      {"key: client_ip", "ipv6_prefix: 0"},
      {"key: client_ip", "name: a b"},
      {"policy: two_choices", "policy: two_choice"},
      {"policy: two_choices", "policy: two_choices, d: 3"},
      {"policy: two_choices", "policy: choices, d: two"},
      {"policy: two_choices", "policy: peak_ewma, decay: 10"},
      {"policy: two_choices", "policy: hot_cold, quantile: most"},
      {"policy: two_choices", "policy: two_choices, slow_start: {aggression: 2}"},
      {"policy: two_choices", "policy: two_choices, sticky: name"},
      {"policy: two_choices", "policy: two_choices, panic: half"},
      {"methods: [GET, POST]", "methods: [get]"},
      {"methods: [GET, POST]", "methods: GET"},
      {"path: {prefix: /orders}", "path: /orders"},
      {"path: {prefix: /orders}", "path: {prefix: /orders, exact: /orders}"},
      {"path: {prefix: /orders}", "path: {regex: /orders}"},
      {"  service: orders\n", ""},
      {"  service: orders\n", "  service: orders\n  topic: requests\n"},
      {"durability: disk", "durability: tape"},
      {"journal: {dir", "journal: {folder"},
      {"workers: 1", "workers: 0"},
      {"workers: 1", "workers: all"},
      {"workers: 1", "worker: 1"},
      {"- {name: http, ", "- {"},
      {"name: orders-in", "name: -in"},
      {"workers: 1", "workers: 1\nconsumers: {acme: {keys: []}}"},
      {"workers: 1", "workers: 1\nconsumers: {acme: {keys: ['']}}"},
      {"workers: 1", "workers: 1\nconsumers: {acme: {keys: [two words]}}"},
      {"workers: 1", "workers: 1\nconsumers: {acme: [k1]}"},
  };
  for (const auto& [right, wrong] : mistakes) {
    INFO(right << " -> " << wrong);
    std::string config = kGatewayYaml;
    const std::size_t place = config.find(right);
    REQUIRE(place != std::string::npos);
    config.replace(place, right.size(), wrong);
    CHECK_FALSE(is_valid(gateway_schema(), config));
    CHECK_FALSE(load_gateway_text(config, "f").ok());
  }
}

TEST_CASE(
    "scenarios and plans have the same distributions, arrivals and expectations as the reader") {
  const auto scenario = [](const std::string& arrivals, const std::string& time) {
    return "arrivals: " + arrivals + "\nservices: {s: {time: " + time + "}}\n";
  };
  for (const char* const time :
       {"{exponential: 10ms}", "{exponential: {mean: 10ms}}", "{uniform: [5ms, 15ms]}",
        "{lognormal: {mean: 10ms, cv: 2}}", "{lognormal: {p50: 8ms, p99: 60ms}}",
        "{erlang: {mean: 10ms, stages: 4}}", "{pareto: {mean: 10ms, shape: 1.5, max: 10s}}",
        "{mix: [[90%, {constant: 5ms}], [0.1, {mix: [[1, {constant: 100ms}]]}]]}"}) {
    INFO(time);
    CHECK(is_valid(scenario_schema(), scenario("{poisson: 900/s}", time)));
    CHECK(load_scenario_text(scenario("{poisson: 900/s}", time), "f").ok());
  }
  for (const char* const time :
       {"10ms", "{exponential: 10}", "{uniform: [5ms]}", "{lognormal: {mean: 10ms, p50: 8ms}}",
        "{lognormal: {mean: 10ms}}", "{erlang: {mean: 10ms, cv: 4}}", "{mix: [[90%]]}",
        "{constant: 1ms, exponential: 1ms}", "{}"}) {
    INFO(time);
    CHECK_FALSE(is_valid(scenario_schema(), scenario("{poisson: 900/s}", time)));
    CHECK_FALSE(load_scenario_text(scenario("{poisson: 900/s}", time), "f").ok());
  }
  for (const char* const arrivals :
       {"{mmpp: {rates: [100/s, 900/s], stay: [9s, 1s]}}",
        "{sine: {mean: 300/s, amplitude: 0/s, period: 60s}}",
        "{stages: [{poisson: 100/s, for: 30s}, {ramp: [0/s, 900/s], for: 60s}]}",
        "{batch: {every: {exponential: 1s}, size: 50}}"}) {
    INFO(arrivals);
    CHECK(is_valid(scenario_schema(), scenario(arrivals, "{constant: 1ms}")));
    CHECK(load_scenario_text(scenario(arrivals, "{constant: 1ms}"), "f").ok());
  }
  CHECK(is_valid(scenario_schema(), scenario("{trace: t.csv, speed: 2}", "{constant: 1ms}")));
  for (const char* const arrivals :
       {"300/s", "{poisson: 300}", "{sine: {mean: 300/s}}", "{closed: {}}",
        "{poisson: 300/s, speed: 2}", "{speed: 2}", "{stages: [{ramp: [1/s], for: 1s}]}",
        "{stages: [{for: 1s}]}", "{mmpp: {rates: [1/s], stay: [1s]}}"}) {
    INFO(arrivals);
    CHECK_FALSE(is_valid(scenario_schema(), scenario(arrivals, "{constant: 1ms}")));
    CHECK_FALSE(load_scenario_text(scenario(arrivals, "{constant: 1ms}"), "f").ok());
  }
}

std::string text_of(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST_CASE("every scenario of this repository reads clean, with its gateway, and is valid") {
  const std::filesystem::path folder{HG_SOURCE_DIR "/scenarios"};
  std::size_t read = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder}) {
    if (entry.path().extension() != ".yaml") continue;
    INFO(entry.path());
    const auto loaded = load_scenario_file(entry.path().string());
    CHECK(loaded.diagnostics.empty());
    CHECK_FALSE(loaded.value.base().question.empty());
    CHECK(is_valid(scenario_schema(), text_of(entry.path())));
    ++read;
  }
  CHECK(read >= 3);
  for (const auto& entry : std::filesystem::directory_iterator{folder / "gateways"}) {
    INFO(entry.path());
    CHECK(load_gateway_file(entry.path().string()).diagnostics.empty());
    CHECK(is_valid(gateway_schema(), text_of(entry.path())));
  }
}

TEST_CASE("a schema names its draft and describes every property") {
  const json schema = json::parse(gateway_schema());
  CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
  for (const auto& [name, property] : schema["properties"].items()) {
    INFO(name);
    CHECK_FALSE(property["description"].get<std::string>().empty());
  }
}

}  // namespace
