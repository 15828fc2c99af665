#include "headgate/config/scenario_config.hpp"

#include <catch2/catch.hpp>

#include "examples.hpp"
#include "support/process.hpp"

namespace {

using namespace headgate::config;
using namespace headgate::config::test;
using namespace std::chrono_literals;
using headgate::Duration;

std::string all_found(const Loaded<Scenario>& loaded) {
  std::string text;
  for (const Diagnostic& diagnostic : loaded.diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

std::string at(const ScenarioPoint& point) {
  std::string text;
  for (const auto& [name, value] : point.at) text += (text.empty() ? "" : ",") + name + "=" + value;
  return text;
}

TEST_CASE("the documented scenario is read as it is meant") {
  const auto loaded = load_scenario_text(kScenarioYaml, "s.yaml");
  REQUIRE(all_found(loaded).empty());
  const ScenarioConfig& base = loaded.value.base();
  CHECK(base.question == "Which balancer at 90 % load on ten equal servers?");
  CHECK(base.arrivals->rate()->per_second() == Approx(900));
  CHECK_FALSE(base.gateway);
  const StationConfig* orders = base.find_service("orders");
  REQUIRE(orders != nullptr);
  CHECK(orders->targets == 10);
  CHECK(orders->servers == 1);
  CHECK_FALSE(orders->queue);
  CHECK(orders->time_of(0).mean_ns() == Approx(10e6));
  CHECK(orders->time_of(2).mean_ns() == Approx(30e6));
  CHECK(orders->servers_of(2) == 1);
  CHECK(base.requests.size() == 1);
  CHECK(base.requests[0].path == "/");
  CHECK(base.clients.timeout == Duration{1s});
  CHECK(base.run.precision->of_one == Approx(0.01));
  CHECK(base.run.on == std::vector<std::string>{"response_time.mean"});
  CHECK(base.run.seed == 1);
  CHECK(base.run.replications == 10);
  CHECK_FALSE(base.run.warmup);
  REQUIRE(base.expect.size() == 2);
  CHECK(base.expect[0].why == "every server is an E10/M/1 queue");
}

TEST_CASE("a sweep is the product of its dimensions, the last one fastest") {
  const auto loaded = load_scenario_text(kScenarioYaml, "s.yaml");
  REQUIRE(loaded.ok());
  const Scenario& scenario = loaded.value;
  REQUIRE(scenario.sweep.size() == 2);
  CHECK(scenario.sweep[0].name == "policy");
  CHECK(scenario.sweep[0].path == "services.orders.balance.policy");
  CHECK(scenario.sweep[0].values ==
        std::vector<std::string>{"random", "round_robin", "two_choices"});
  CHECK(scenario.sweep[1].name == "load");
  REQUIRE(scenario.points.size() == 9);
  CHECK(at(scenario.points[0]) == "load=0.5,policy=random");
  CHECK(at(scenario.points[1]) == "load=0.8,policy=random");
  CHECK(at(scenario.points[8]) == "load=0.9,policy=two_choices");
  CHECK(scenario.points[4].scenario.load == 0.8);
  CHECK(scenario.points[4].scenario.services[0].balance->policy == "round_robin");
}

const std::string kSmall =
    "arrivals: {poisson: 10/s}\nservices: {s: {time: {constant: 1ms}}}\nrun: {jobs: 1k}\n";

TEST_CASE("without a sweep there is one point, with the documented defaults") {
  const auto loaded = load_scenario_text(kSmall, "s.yaml");
  REQUIRE(all_found(loaded).empty());
  REQUIRE(loaded.value.points.size() == 1);
  CHECK(loaded.value.points[0].at.empty());
  const ScenarioConfig& base = loaded.value.base();
  CHECK_FALSE(base.load);
  CHECK_FALSE(base.clients.timeout);
  CHECK(base.run.jobs == 1000);
  CHECK(base.services[0].servers == 1);
  CHECK_FALSE(base.services[0].targets);
}

TEST_CASE("every option of a scenario reaches its place in the model") {
  const auto loaded = load_scenario_text(
      "arrivals: {closed: {clients: 4}}\n"
      "services:\n"
      "  s: {targets: 3, servers: 2, queue: 5, time: {constant: 1ms}, except: [{target: 1, "
      "servers: 9}]}\n"
      "requests:\n"
      "- {method: POST, host: a.example.com, path: \"/x?y=1\", headers: {x-key: k}, weight: 2.5}\n"
      "run: {duration: 60s, replications: 5, warmup: 2s, seed: 77}\n",
      "s.yaml");
  REQUIRE(all_found(loaded).empty());
  const ScenarioConfig& base = loaded.value.base();
  CHECK(base.services[0].queue == 5);
  CHECK(base.services[0].servers_of(0) == 2);
  CHECK(base.services[0].servers_of(1) == 9);
  const RequestConfig& request = base.requests[0];
  CHECK(request.method == "POST");
  CHECK(request.host == "a.example.com");
  CHECK(request.path == "/x?y=1");
  CHECK(request.headers[0] == std::pair<std::string, std::string>{"x-key", "k"});
  CHECK(request.weight == 2.5);
  CHECK(base.run.duration == Duration{60s});
  CHECK(base.run.replications == 5);
  CHECK(base.run.warmup == Duration{2s});
  CHECK(base.run.seed == 77);
}

TEST_CASE("a setting changes the tree before it is read, and is checked like the file") {
  const auto set = load_scenario_text(kSmall, "s.yaml",
                                      {{"run.seed", "5"},
                                       {"services.s.time", "{exponential: 2ms}"},
                                       {"services.s.balance.policy", "round_robin"}});
  REQUIRE(all_found(set).empty());
  CHECK(set.value.base().run.seed == 5);
  CHECK(set.value.base().services[0].time->mean_ns() == Approx(2e6));
  CHECK(set.value.base().services[0].balance->policy == "round_robin");
  CHECK(all_found(load_scenario_text(kSmall, "s.yaml", {{"run.sed", "5"}})) ==
        "s.yaml: at run.sed: error[GW001] unknown key 'sed' in a run; did you mean 'seed'?\n");
  CHECK(all_found(load_scenario_text(kSmall, "s.yaml", {{"arrivals.poisson.x", "5"}})) ==
        "--set: at arrivals.poisson.x: error[GW003] there is no 'x' in the value before it\n");
}

TEST_CASE("a swept value may be a whole tree") {
  const auto loaded = load_scenario_text(kSmall +
                                             "sweep: {time: {path: services.s.time, values: "
                                             "[{constant: 2ms}, {uniform: [1ms, 5ms]}]}}\n",
                                         "s.yaml");
  REQUIRE(all_found(loaded).empty());
  REQUIRE(loaded.value.points.size() == 2);
  CHECK(at(loaded.value.points[1]) == "time={uniform: [1ms, 5ms]}");
  CHECK(loaded.value.points[1].scenario.services[0].time->mean_ns() == Approx(3e6));
}

TEST_CASE("a wrong value of a sweep is found, and once") {
  const auto loaded = load_scenario_text(
      kSmall +
          "sweep: {servers: {path: services.s.servers, values: [1, 0, 0]}, load: [0.5, 0.9]}\n",
      "s.yaml");
  CHECK(all_found(loaded) ==
        "s.yaml: at services.s.servers: error[GW001] '0' is not 1 to 1000000\n");
  CHECK(all_found(load_scenario_text(kSmall + "sweep: {load: [0.5, x]}\n", "s.yaml")) ==
        "s.yaml:4:21: error[GW001] 'x' must be a number such as 4 or 0.25\n");
  CHECK(all_found(load_scenario_text(kSmall + "sweep: {a: {values: [1]}}\n", "s.yaml"))
            .starts_with("s.yaml:4:12: error[GW001] a dimension needs 'path'"));
}

TEST_CASE("a dimension without values is an error, and the scenario is still read") {
  const auto loaded = load_scenario_text(
      kSmall + "sweep: {a: {path: services.s.queue, valumes: [1, 2]}}\n", "s.yaml");
  CHECK(all_found(loaded) ==
        "s.yaml:4:37: error[GW001] unknown key 'valumes' in a dimension; did you mean 'values'?\n"
        "s.yaml:4:12: error[GW001] a dimension needs 'values'; one for each point, or a range "
        "such as 10ms..50ms step 10ms\n");
  CHECK_FALSE(loaded.ok());
  CHECK(loaded.value.points.size() == 1);
}

TEST_CASE("a gateway is another file, relative to the scenario's folder, or a tree inside it") {
  const headgate::test::TempDir dir;
  static_cast<void>(dir.write("gateway.yaml", kGatewayYaml));
  const std::string rest =
      "arrivals: {poisson: 10/s}\nservices: {orders: {time: {constant: 1ms}}}\nrun: {jobs: 1k}\n";
  const auto by_file =
      load_scenario_file(dir.write("s.yaml", "gateway: gateway.yaml\n" + rest),
                         {{"gateway.services.orders.balance.policy", "round_robin"}});
  REQUIRE(all_found(by_file).empty());
  CHECK(by_file.value.base().gateway->services[0].targets.size() == 2);
  CHECK(by_file.value.base().gateway->services[0].balance.policy == "round_robin");
  const auto inside = load_scenario_text(rest + "gateway: " + kGatewayJson + "\n", "s.yaml",
                                         {{"gateway.services.orders.balance.policy", "random"}});
  REQUIRE(all_found(inside).empty());
  CHECK(inside.value.base().gateway->services[0].balance.policy == "random");

  const auto missing = load_scenario_file(dir.write("m.yaml", "gateway: none.yaml\n" + rest));
  CHECK_FALSE(missing.readable);
  CHECK(all_found(missing).contains("none.yaml: error[GW000] cannot be read"));
}

TEST_CASE("what is wrong in a gateway is found through the scenario, with its own file and place") {
  const headgate::test::TempDir dir;
  static_cast<void>(dir.write("gateway.yaml", "listeners: []\nroutes: []\nserwices: {}\n"));
  const std::string rest =
      "arrivals: {poisson: 10/s}\nservices: {orders: {time: {constant: 1ms}}}\n";
  const std::string said =
      all_found(load_scenario_file(dir.write("s.yaml", "gateway: gateway.yaml\n" + rest)));
  CHECK(said.contains("gateway.yaml:3:1: error[GW001] unknown key 'serwices'"));
  CHECK(all_found(load_scenario_text(rest + "gateway: {serwices: {}}\n", "s.yaml"))
            .contains("s.yaml:3:11: error[GW001] unknown key 'serwices'"));
}

TEST_CASE("fields that contradict each other are found") {
  CHECK(all_found(load_scenario_text(kSmall, "s.yaml", {{"run.duration", "5s"}}))
            .contains("not both"));
  CHECK(
      all_found(load_scenario_text(
          kSmall + "expect: [\"offered > 1/s at lode=0.9\"]\nsweep: {load: [0.9]}\n", "s.yaml")) ==
      "s.yaml:4:10: error[GW003] the sweep has no dimension 'lode'; did you mean 'load'?\n");
  CHECK(all_found(load_scenario_text(
                      kSmall, "s.yaml",
                      {{"services.s.targets", "2"}, {"services.s.except", "[{target: 2}]"}}))
            .contains("there is no target 2 of 2"));
  CHECK(all_found(load_scenario_text(kSmall + "gateway: " + kGatewayJson + "\n", "s.yaml",
                                     {{"services.s.balance.policy", "random"}}))
            .contains("the gateway has the balancer already"));
}

TEST_CASE("a scenario that cannot be read is unreadable, and an empty map lacks what it needs") {
  CHECK_FALSE(load_scenario_text("", "s.yaml").readable);
  CHECK_FALSE(load_scenario_file("/nonexistent.yaml").readable);
  const auto loaded = load_scenario_text("{}", "s.yaml");
  CHECK(loaded.readable);
  CHECK(all_found(loaded).contains("needs 'arrivals'"));
  CHECK(all_found(loaded).contains("needs 'services'"));
  CHECK(all_found(load_scenario_text(
            kSmall + "sweep: {a: {path: run.seed, values: [" +
                [] {
                  std::string many = "1";
                  for (int i = 0; i < 10'000; ++i) many += ",1";
                  return many;
                }() +
                "]}}\n",
            "s.yaml")) == "s.yaml:4:1: error[GW001] the sweep has more than 10000 points\n");
}

TEST_CASE("a sweep takes ranges, and a constraint leaves out combinations") {
  const auto loaded =
      load_scenario_text(kSmall +
                             "sweep:\n"
                             "  servers: {path: services.s.servers, values: 1..3 step 1}\n"
                             "  load: 0.4..0.8 step 0.2\n"
                             "  constraint: servers >= 2 and load < 0.8\n",
                         "s.yaml");
  REQUIRE(loaded.ok());
  std::vector<std::string> points;
  for (const ScenarioPoint& point : loaded.value.points) {
    points.push_back(point.at[0].second + " " + point.at[1].second);
    CHECK(point.scenario.load.has_value());
  }
  CHECK(points == std::vector<std::string>{"0.4 2", "0.6 2", "0.4 3", "0.6 3"});
  CHECK(loaded.value.points[0].scenario.services[0].servers == 2);
  CHECK(loaded.value.sweep[0].values == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("what is wrong in a range or a constraint is said at its line") {
  const auto said = [](const std::string& sweep) {
    return all_found(load_scenario_text(kSmall + "sweep:\n" + sweep, "s.yaml"));
  };
  CHECK(said("  load: 0.5..0.9\n")
            .starts_with("s.yaml:5:9: error[GW001] '0.5..0.9' write FIRST..LAST"));
  CHECK(said("  load: 0..1 step 0.5\n").starts_with("s.yaml:5:9: error[GW001] '0'"));
  CHECK(said("  load: [0.5]\n  constraint: loda < 1\n") ==
        "s.yaml:6:15: error[GW003] the sweep has no dimension 'loda'; did you mean 'load'?\n");
  CHECK(
      said("  load: [0.5]\n  constraint: load below 1\n").starts_with("s.yaml:6:15: error[GW001]"));
  CHECK(said("  load: [0.5]\n  constraint: load < 10ms\n").find("have no order") !=
        std::string::npos);
  CHECK(said("  load: [0.5]\n  constraint: load > 1\n").find("leaves no point") !=
        std::string::npos);
}

}  // namespace
