// The rules, held to files: tests/golden/lint/ID_bad.txt and ID_good.txt hold a config, a line of
// dashes and what lint must say of it, with lines and columns counted by hand.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "headgate/config/gateway_config.hpp"
#include "headgate/config/lint/rules.hpp"

namespace {

using namespace headgate::config;

struct Fixture {
  std::string id;  // GW003
  bool bad = false;
  std::string input;
  std::string expected;
};

std::vector<Fixture> fixtures() {
  std::vector<Fixture> all;
  for (const auto& entry :
       std::filesystem::directory_iterator{HG_SOURCE_DIR "/tests/golden/lint"}) {
    std::ifstream in{entry.path()};
    std::stringstream text;
    text << in.rdbuf();
    const std::string whole = text.str();
    const std::size_t dashes = whole.find("----\n");
    REQUIRE(dashes != std::string::npos);
    const std::string name = entry.path().stem().string();
    all.push_back({.id = name.substr(0, 5),
                   .bad = name.ends_with("_bad"),
                   .input = whole.substr(0, dashes),
                   .expected = whole.substr(dashes + 5)});
  }
  return all;
}

std::string findings(const std::string& config) {
  std::string text;
  for (const Diagnostic& diagnostic : load_gateway_text(config, "gateway.yaml").diagnostics) {
    text += to_text(diagnostic) + "\n";
  }
  return text;
}

TEST_CASE("lint says of every fixture what the fixture says") {
  for (const Fixture& fixture : fixtures()) {
    INFO(fixture.id << (fixture.bad ? "_bad" : "_good"));
    CHECK(findings(fixture.input) == fixture.expected);
  }
}

TEST_CASE("every rule has a config that breaks it and one that keeps it") {
  std::set<std::string> bad;
  std::set<std::string> good;
  for (const Fixture& fixture : fixtures()) {
    if (fixture.bad && fixture.expected.contains("[" + fixture.id + "]")) bad.insert(fixture.id);
    if (!fixture.bad && fixture.expected.empty()) good.insert(fixture.id);
  }
  for (const lint::Rule& rule : lint::rules()) {
    INFO(rule.id);
    CHECK(bad.contains(std::string{rule.id}));
    CHECK(good.contains(std::string{rule.id}));
  }
  CHECK(bad.size() == lint::rules().size());
}

TEST_CASE("a finding has the severity of its rule") {
  for (const Fixture& fixture : fixtures()) {
    for (const Diagnostic& diagnostic :
         load_gateway_text(fixture.input, "gateway.yaml").diagnostics) {
      for (const lint::Rule& rule : lint::rules()) {
        if (rule.id == diagnostic.id) CHECK(rule.severity == diagnostic.severity);
      }
    }
  }
}

TEST_CASE("a part that cannot be read does not make false findings about the others") {
  // The route's service is misspelt as a key: 'orders' is not unused, and nothing dangles.
  const std::string text = findings(
      "listeners: [{name: http, bind: \"127.0.0.1:8080\"}]\n"
      "services: {orders: {targets: [{url: \"http://127.0.0.1:9001\"}]}}\n"
      "routes:\n"
      "- {name: a, match: {path: {prefix: nowhere}}, servce: orders}\n"
      "- {name: b, match: {path: {prefix: somewhere}}, service: orders}\n");
  CHECK(text ==
        "gateway.yaml:4:36: error[GW104] 'nowhere' must start with /\n"
        "gateway.yaml:4:47: error[GW001] unknown key 'servce' in a route; did you mean 'service'?\n"
        "gateway.yaml:5:36: error[GW104] 'somewhere' must start with /\n");
}

TEST_CASE("a filter that cannot be read does not shift the findings of the next") {
  const std::string text = findings(
      "listeners: [{name: http, bind: \"127.0.0.1:8080\"}]\n"
      "services: {orders: {targets: [{url: \"http://127.0.0.1:9001\"}]}}\n"
      "routes:\n"
      "- name: a\n"
      "  filters: [nonsense, {publish: {topic: lost}}]\n"
      "  service: orders\n");
  CHECK(text ==
        "gateway.yaml:5:13: error[GW001] expected a filter such as {publish: {topic: events}}, "
        "found 'nonsense'\n");
}

TEST_CASE("a config with more mistakes than anyone reads at once says that there are more") {
  std::string text = "listeners: [{name: http, bind: \"127.0.0.1:8080\"}]\nroutes:\n";
  for (int i = 0; i < 1000; ++i) text += "- {nme: a}\n";
  const auto loaded = load_gateway_text(text, "gateway.yaml");
  CHECK(loaded.diagnostics.size() == 501);
  CHECK(std::ranges::any_of(loaded.diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.message == "and more, not shown";
  }));
  CHECK_FALSE(loaded.ok());
}

}  // namespace
