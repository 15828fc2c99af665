// A change of config on the timeline of faults: where it may stand, what it may change, and the
// files that it names.
#include <catch2/catch.hpp>
#include <string>

#include "headgate/config/scenario_config.hpp"
#include "support/process.hpp"

namespace {

using namespace headgate::config;
using namespace std::chrono_literals;
using headgate::Duration;
using headgate::test::TempDir;

std::string all(const Loaded<Scenario>& loaded) {
  std::string text;
  for (const Diagnostic& diagnostic : loaded.diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

std::string gateway(const std::string& services, const std::string& filter) {
  const bool has_b = services.find("b: ") != std::string::npos;
  return "listeners: [{name: http, bind: '127.0.0.1:0'}]\nservices: {" + services +
         "}\nroutes:\n- {name: all, service: a, filters: [" + filter + "]}\n" +
         (has_b ? "- {name: b, match: {path: {prefix: /b}}, service: b}\n" : "");
}

const std::string kA = "a: {targets: [{url: 'http://127.0.0.1:1'}, {url: 'http://127.0.0.1:2'}]}";
const std::string kB = "b: {targets: [{name: one, url: 'http://127.0.0.1:3'}]}";

/// A limit of `rate` for all.
std::string limit(const std::string& rate) {
  return "rate_limit: {algorithm: token_bucket, rate: " + rate + ", burst: 5}";
}

const std::string kRest =
    "arrivals: {poisson: 10/s}\n"
    "services: {a: {time: {constant: 1ms}}, b: {time: {constant: 1ms}}}\n"
    "run: {duration: 10s}\n";

/// The folder of a scenario whose gateway is first.yaml.
struct Folder {
  TempDir dir;

  Folder() {
    write("first.yaml", kA + ", " + kB, limit("10/s"));
    write("second.yaml", kB + ", " + kA, limit("20/s"));
    write("third.yaml", kA + ", " + kB, limit("30/s"));
  }
  void write(const std::string& name, const std::string& services, const std::string& filter) {
    static_cast<void>(dir.write(name, gateway(services, filter)));
  }
  [[nodiscard]] Loaded<Scenario> load(const std::string& faults,
                                      const std::vector<Setting>& set = {}) const {
    const std::string file =
        dir.write("s.yaml", "gateway: first.yaml\nfaults:\n" + faults + "\n" + kRest);
    return load_scenario_file(file, set);
  }
  /// What is wrong, without the folder's name.
  [[nodiscard]] std::string said(const std::string& faults,
                                 const std::vector<Setting>& set = {}) const {
    std::string text = all(load(faults, set));
    const std::string folder = dir.path() + "/";
    for (std::size_t at = 0; (at = text.find(folder, at)) != std::string::npos;) {
      text.erase(at, folder.size());
    }
    return text;
  }
};

/// The rate of the only limit of a config, per second.
double rate_of(const GatewayConfig& config) {
  const auto& filter = std::get<RateLimitFilter>(config.routes.at(0).filters.at(0));
  return filter.limits.at(0).rate.value().per_second();
}
double rate_at(const ScenarioPoint& point, std::size_t fault) {
  REQUIRE(point.scenario.faults.at(fault).gateway.has_value());
  return rate_of(*point.scenario.faults.at(fault).gateway);
}

TEST_CASE("changes: a file beside the scenario or a tree inside, among other faults") {
  const Folder folder;
  const auto loaded = folder.load(
      "- {at: 60s, gateway: second.yaml}\n"
      "- {at: 70s, for: 1s, target: a/0, slow: 2}\n"
      "- at: 80s\n"
      "  for: 5s\n"
      "  gateway: {listeners: [{name: http, bind: '127.0.0.1:0'}], services: {" +
      kA + ", " + kB + "}, routes: [{name: all, service: a, filters: [" + limit("40/s") +
      "]}, {name: b, match: {path: {prefix: /b}}, service: b}]}");
  REQUIRE(all(loaded).empty());
  const ScenarioConfig& base = loaded.value.base();
  REQUIRE(base.faults.size() == 3);
  CHECK(base.faults[0].at == Duration{60s});
  CHECK(rate_at(loaded.value.points[0], 0) == 20);
  CHECK_FALSE(base.faults[1].gateway.has_value());
  CHECK(base.faults[1].amount == 2);
  CHECK(base.faults[2].length == Duration{5s});
  CHECK(rate_at(loaded.value.points[0], 2) == 40);
  // Its services come in the order of the first config's.
  CHECK(base.faults[0].gateway->services[0].name == "a");
  CHECK(base.faults[0].gateway->services[1].name == "b");
}

TEST_CASE("changes: settings and sweeps reach into the file, or name another one") {
  const Folder folder;
  const std::string rate = "faults.0.gateway.routes.0.filters.0.rate_limit.rate";
  const std::string change = "- {at: 60s, gateway: second.yaml}";
  const auto set = folder.load(change, {{rate, "25/s"}, {"faults.0.gateway", "third.yaml"}});
  REQUIRE(all(set).empty());
  CHECK(rate_at(set.value.points[0], 0) == 25);
  const auto swept = folder.load(
      change + "\nsweep:\n  file: {path: faults.0.gateway, values: [second.yaml, third.yaml]}\n" +
      "  first: {path: gateway, values: [first.yaml, third.yaml]}");
  REQUIRE(all(swept).empty());
  REQUIRE(swept.value.points.size() == 4);
  CHECK(rate_of(*swept.value.points[0].scenario.gateway) == 10);
  CHECK(rate_of(*swept.value.points[3].scenario.gateway) == 30);
  CHECK(rate_at(swept.value.points[0], 0) == 20);
  CHECK(rate_at(swept.value.points[2], 0) == 30);
  const auto both =
      folder.load(change + "\nsweep:\n  rate: {path: " + rate + ", values: [1/s, 2/s]}\n" +
                  "  file: {path: faults.0.gateway, values: [third.yaml]}");
  REQUIRE(all(both).empty());
  CHECK(rate_at(both.value.points[1], 0) == 2);
  CHECK(folder.said(change + "\nsweep: {file: {path: gateway, values: [no.yaml]}}") ==
        "s.yaml:4:9: error[GW003] no.yaml: error[GW000] cannot be read: No such file or "
        "directory\n");
}

TEST_CASE("changes: the fingerprint is also that of the configs that come later") {
  const Folder folder;
  const std::string change = "- {at: 60s, gateway: second.yaml}";
  const std::string rate = "faults.0.gateway.routes.0.filters.0.rate_limit.rate";
  const auto print = [&](const std::string& value) {
    return folder.load(change, {{rate, value}}).value.fingerprint();
  };
  CHECK(print("20/s") == folder.load(change).value.fingerprint());
  CHECK(print("21/s") != print("20/s"));
}

TEST_CASE("changes: what is wrong in a config is said with its own file and place") {
  Folder folder;
  folder.write("second.yaml", kA + ", " + kB, limit("20"));
  const std::string said = folder.said("- {at: 60s, gateway: second.yaml}");
  CHECK(said.starts_with("second.yaml:4:81: error[GW001] '20' "));
  CHECK(folder.said("- {at: 60s, gateway: {listeners: 5}}")
            .contains("s.yaml:3:34: error[GW001] expected a list"));
  const auto missing = folder.load("- {at: 60s, gateway: none.yaml}");
  CHECK_FALSE(missing.readable);
  CHECK(all(missing).contains("none.yaml: error[GW000] cannot be read"));
  // Found after the scenario was read, as by the simulator.
  const auto loaded = folder.load("- {at: 60s, gateway: third.yaml}");
  const Diagnostic late = loaded.value.diagnostic("faults.0.gateway.routes.0.service", "why", {});
  CHECK(to_text(late) == folder.dir.path() + "/third.yaml:4:24: error[GW003] why");
}

TEST_CASE("changes: services and targets stay what they are") {
  Folder folder;
  const std::string change = "- {at: 60s, gateway: second.yaml}";
  const std::string hint = "; a change of config keeps the services and their targets\n";
  folder.write("second.yaml", kA, limit("20/s"));
  CHECK(folder.said(change) ==
        "s.yaml:3:22: error[GW003] has no service 'b', which the scenario's gateway has" + hint);
  folder.write("second.yaml", kA + ", " + kB + ", c: {targets: [{url: 'http://127.0.0.1:9'}]}",
               limit("20/s"));
  CHECK(folder.said(change).contains(
      "s.yaml:3:22: error[GW003] has a service 'c', which the scenario's gateway has not" + hint));
  folder.write("second.yaml", kA + ", b: {targets: [{name: two, url: 'http://127.0.0.1:3'}]}",
               limit("20/s"));
  CHECK(
      folder.said(change).contains("s.yaml:3:22: error[GW003] service 'b' has the targets two, "
                                   "and one in the scenario's gateway" +
                                   hint));
}

TEST_CASE("changes: only gateways change, and an entry is a change or a fault") {
  const auto alone = load_scenario_text(
      "arrivals: {poisson: 10/s}\nservices: {s: {time: {constant: 1ms}}}\nrun: {duration: 1s}\n"
      "faults: [{at: 5s, gateway: {listeners: []}}]\n",
      "s.yaml");
  CHECK(all(alone) ==
        "s.yaml:4:19: error[GW003] there is no gateway whose config could change; give the config "
        "that it starts with as 'gateway' of the scenario\n");
  const Folder folder;
  CHECK(folder.said("- {at: 5s, target: a/0, gateway: second.yaml}") ==
        "s.yaml:3:3: error[GW001] a fault has 'target', 'gateway'; only one of them can be\n");
  CHECK(folder.said("- {at: 5s, slow: 2, gateway: second.yaml}") ==
        "s.yaml:3:3: error[GW001] a fault has 'slow', 'gateway'; only one of them can be\n");
  CHECK(folder.said("- {at: 5s, slow: 2}") ==
        "s.yaml:3:3: error[GW001] a fault needs exactly one of 'target', 'gateway'\n");
  CHECK(folder.said("- {gateway: second.yaml}") ==
        "s.yaml:3:3: error[GW001] a fault needs 'at'; from the start of the run\n");
}

}  // namespace
