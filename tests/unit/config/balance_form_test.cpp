// `balance:` as it is written, and what is said of it when it is wrong.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "headgate/config/gateway_config.hpp"
#include "unit/config/examples.hpp"

namespace headgate::config {
namespace {

using namespace std::chrono_literals;

Loaded<GatewayConfig> load_with(const std::string& balance) {
  return load_gateway_text(
      "listeners: [{name: http, bind: '127.0.0.1:8080'}]\n"
      "services:\n"
      "  orders:\n"
      "    targets:\n"
      "    - {url: 'http://127.0.0.1:9001', weight: 3, locality: 1}\n"
      "    - {url: 'http://127.0.0.1:9002'}\n"
      "    balance: " +
          balance +
          "\n"
          "routes: [{name: all, service: orders}]\n",
      "gateway.yaml");
}

balance::Spec spec_of(const std::string& balance) {
  const auto loaded = load_with(balance);
  for (const Diagnostic& each : loaded.diagnostics) UNSCOPED_INFO(to_text(each));
  REQUIRE(loaded.ok());
  return loaded.value.services.at(0).balance;
}

/// The only finding, without its place.
std::string finding(const std::string& balance) {
  const auto loaded = load_with(balance);
  if (loaded.diagnostics.size() != 1) return std::to_string(loaded.diagnostics.size());
  return loaded.diagnostics[0].path + ": " + loaded.diagnostics[0].message;
}

TEST_CASE("balance: every policy of the catalog can be written alone") {
  for (const CatalogEntry& entry : balance::catalog()) {
    CAPTURE(entry.name);
    CHECK(spec_of("{policy: " + std::string{entry.name} + "}").policy == entry.name);
  }
}

TEST_CASE("balance: the options of the policies reach the model") {
  CHECK(spec_of("{policy: choices, d: 5}").d == 5);
  CHECK(
      spec_of("{policy: weighted_least_requests, active_request_bias: 0.5}").active_request_bias ==
      0.5);
  const auto ewma = spec_of("{policy: peak_ewma, decay: 2s, penalty: 100ms}");
  CHECK(ewma.decay == Duration{2s});
  CHECK(ewma.penalty == Duration{100ms});
  CHECK(spec_of("{policy: hot_cold, d: 4, quantile: 75%}").quantile == Share{0.75});
}

TEST_CASE("balance: what stands around every policy reaches the model") {
  const auto brief = spec_of("{policy: round_robin, slow_start: 30s, panic: 50%, stale: 10ms}");
  CHECK(brief.slow_start.window == Duration{30s});
  CHECK(brief.slow_start.aggression == 1);
  CHECK(brief.slow_start.min == Share{0.1});
  CHECK(brief.panic == Share{0.5});
  CHECK(brief.stale == Duration{10ms});
  const auto full = spec_of(
      "{policy: random, slow_start: {window: 1m, aggression: 3, min: 5%}, sticky: {cookie: at}}");
  CHECK(full.slow_start.window == Duration{60s});
  CHECK(full.slow_start.aggression == 3);
  CHECK(full.slow_start.min == Share{0.05});
  CHECK(full.sticky == "at");
}

TEST_CASE("balance: weight and locality of the targets reach the model") {
  const auto loaded = load_with("{policy: weighted_random}");
  REQUIRE(loaded.ok());
  CHECK(loaded.value.services[0].targets[0].weight == 3);
  CHECK(loaded.value.services[0].targets[0].locality == 1);
  CHECK(loaded.value.services[0].targets[1].weight == 1);
  CHECK(loaded.value.services[0].targets[1].locality == 0);
}

TEST_CASE("balance: an option that is wrong is named, with what would be right") {
  const std::string at = "services.orders.balance";
  CHECK(finding("{policy: two_choices, d: 3}") == at + ".d: 'd' is no option of two_choices");
  CHECK(finding("{policy: choices, d: 17}") == at + ".d: 'd' must be 2 to 16");
  CHECK(finding("{policy: choices, decay: 1s}") ==
        at + ".decay: 'decay' is no option of choices, which has: d");
  CHECK(finding("{policy: peak_ewma, decay: 2h}") == at + ".decay: 'decay' must be 1ms to 1h");
  CHECK(finding("{policy: peak_ewma, penalty: 2h}") == at + ".penalty: 'penalty' must be 0s to 1h");
  CHECK(finding("{policy: random, slow_start: 25h}") ==
        at + ".slow_start: 'slow_start' must be 0s to 1d");
  CHECK(finding("{policy: random, stale: 2h}") == at + ".stale: 'stale' must be 0s to 1h");
  CHECK(finding("{policy: choices, d: 1}").starts_with(at + ".d: "));
  CHECK(finding("{policy: hot_cold, quantile: 120%}").starts_with(at + ".quantile: "));
  CHECK(finding("{policy: weighted_least_requests, active_request_bias: 5}")
            .starts_with(at + ".active_request_bias: "));
  CHECK(finding("{policy: random, panic: 101%}").starts_with(at + ".panic: "));
  CHECK(finding("{policy: random, slow_start: {aggression: 2}}").find("needs 'window'") !=
        std::string::npos);
  CHECK(finding("{policy: random, sticky: {cookie: 'a b'}}") ==
        at + ".sticky.cookie: a cookie's name has 1 to 64 letters, digits, '_', '-' or '.'");
  CHECK(load_with("{policy: two_choice}").diagnostics.at(0).hint == "did you mean 'two_choices'?");
}

TEST_CASE("balance: weights that are zero are refused by name") {
  const auto loaded = load_gateway_text(
      "listeners: [{name: http, bind: '127.0.0.1:8080'}]\n"
      "services: {s: {targets: [{url: 'http://127.0.0.1:1', weight: 0}], "
      "balance: {policy: weighted_random}}}\n"
      "routes: [{name: all, service: s}]\n",
      "gateway.yaml");
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(loaded.diagnostics[0].path == "services.s.targets.0.weight");
  CHECK(loaded.diagnostics[0].message.find("1 to 1000000") != std::string::npos);
}

}  // namespace
}  // namespace headgate::config
