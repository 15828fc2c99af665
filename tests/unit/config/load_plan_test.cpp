#include "headgate/config/load_plan.hpp"

#include <catch2/catch.hpp>

#include "examples.hpp"
#include "support/process.hpp"

namespace {

using namespace headgate::config;
using namespace headgate::config::test;
using namespace std::chrono_literals;
using headgate::Duration;

std::string all(const Loaded<LoadPlan>& loaded) {
  std::string text;
  for (const Diagnostic& diagnostic : loaded.diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

TEST_CASE("the documented load plan is read as it is meant") {
  const auto loaded = load_plan_text(kPlanYaml, "plan.yaml");
  REQUIRE(all(loaded).empty());
  const LoadPlan& plan = loaded.value;
  REQUIRE(plan.targets.size() == 1);
  CHECK(plan.targets[0].url == "http://127.0.0.1:8080/orders");
  CHECK(plan.targets[0].address == HostPort{.host = "127.0.0.1", .port = 8080});
  CHECK(plan.targets[0].path == "/orders");
  CHECK(plan.targets[0].weight == 1);
  CHECK(plan.arrivals->rate()->per_second() == Approx(300));
  CHECK(plan.connections == 64);
  CHECK(plan.threads == 1);
  CHECK(plan.duration == Duration{15s});
  CHECK(plan.timeout == Duration{5s});
  REQUIRE(plan.requests.size() == 1);
  CHECK(plan.requests[0].method == "GET");
  CHECK(plan.requests[0].path == "/orders/{sequence}");
  CHECK(plan.requests[0].headers.at(0) == std::pair<std::string, std::string>{"x-api-key", "k1"});
  REQUIRE(plan.expect.size() == 2);
  CHECK(plan.expect[0].metric == "response_time.p99");
}

TEST_CASE("a plan of a target alone is a closed loop of one GET with the documented defaults") {
  const auto loaded = load_plan_text("targets: [{url: \"http://a:1/x\"}]", "plan.yaml");
  REQUIRE(all(loaded).empty());
  const LoadPlan& plan = loaded.value;
  CHECK_FALSE(plan.arrivals);
  CHECK(plan.connections == 1);
  CHECK(plan.threads == 1);
  CHECK_FALSE(plan.duration);
  CHECK_FALSE(plan.count);
  CHECK(plan.timeout == Duration{5s});
  CHECK(plan.seed == 1);
  REQUIRE(plan.requests.size() == 1);
  CHECK(plan.requests[0].method == "GET");
  CHECK(plan.requests[0].path.empty());
}

TEST_CASE("every option of a load plan reaches its place in the model") {
  const auto loaded = load_plan_text(
      "{\"targets\": [{\"url\": \"http://a/\", \"weight\": 3}, {\"url\": \"http://b/\"}],"
      "\"count\": \"2M\", \"seed\": 9, \"threads\": 2,"
      "\"requests\": [{\"method\": \"POST\", \"body\": \"{}\", \"weight\": 4}]}",
      "plan.json");
  REQUIRE(all(loaded).empty());
  CHECK(loaded.value.targets[0].weight == 3);
  CHECK(loaded.value.count == 2'000'000);
  CHECK(loaded.value.seed == 9);
  CHECK(loaded.value.threads == 2);
  CHECK(loaded.value.requests[0].body == "{}");
  CHECK(loaded.value.requests[0].weight == 4);
}

TEST_CASE("a target of the command line is read like a target of a plan") {
  const auto target = parse_target("http://127.0.0.1:8080/a?b=c");
  REQUIRE(target);
  CHECK(target->address == HostPort{.host = "127.0.0.1", .port = 8080});
  CHECK(target->path == "/a?b=c");
  CHECK(target->weight == 1);
  CHECK(parse_target("ftp://a").error().why.contains("https://, ws://, wss:// and unix:"));
  CHECK_FALSE(parse_target("a:80"));
}

TEST_CASE("the fields that frame a message cannot be written, by any spelling of their names") {
  const auto with_field = [](const std::string& field) {
    return all(load_plan_text(
        "targets: [{url: \"http://a/\"}]\nrequests: [{headers: {\"" + field + "\": v}}]\n", "p"));
  };
  for (const char* const field :
       {"Content-Length", "TRANSFER-ENCODING", "connection", "TE", "", "a b", "a:b", "ä"}) {
    INFO(field);
    CHECK(with_field(field).contains("GW001"));
  }
  for (const char* const field : {"x-api-key", "Host", "content-type", "te-x", "!#$%&'*+-.^_`|~"}) {
    INFO(field);
    CHECK(with_field(field).empty());
  }
}

TEST_CASE("counts of a plan are bounded on both sides") {
  const auto with = [](const std::string& line) {
    return all(load_plan_text("targets: [{url: \"http://a/\"}]\n" + line + "\n", "p"));
  };
  CHECK(with("connections: 1").empty());
  CHECK(with("connections: 100k").empty());
  CHECK(with("connections: 0").contains("'0' is not 1 to 100000"));
  CHECK(with("connections: 100001").contains("is not 1 to 100000"));
  CHECK(with("threads: 256").empty());
  CHECK(with("threads: 257").contains("is not 1 to 256"));
  CHECK(with("duration: 0s").contains("more than zero"));
  CHECK(with("count: 0").contains("GW001"));
  CHECK(with("requests: []").contains("at least 1"));
  CHECK(with("expect: [nonsense]").contains("p:2:10: error[GW001] 'nonsense'"));
}

TEST_CASE("what is wrong in a plan is found at its place") {
  CHECK(all(load_plan_text("targets: [{url: \"http://a/\"}]\ndurations: 5s\n", "p")) ==
        "p:2:1: error[GW001] unknown key 'durations' in a load plan; did you mean 'duration'?\n");
  CHECK(all(load_plan_text("targets: []\n", "p")) ==
        "p:1:10: error[GW001] expected at least 1 here\n");
  CHECK(all(load_plan_text("targets: [{url: \"ftp://a/\"}]\n", "p"))
            .starts_with("p:1:17: error[GW001] 'ftp://a/' must be a URL"));
  CHECK(all(load_plan_text(
            "targets: [{url: \"http://a/\"}]\nrequests: [{headers: {content-length: a}}]\n",
            "p")) == "p:2:22: error[GW001] 'content-length' is written by the client itself\n");
  CHECK(all(load_plan_text(
            "targets: [{url: \"http://a/\"}]\nrequests: [{headers: {a: \"x\\r\\nb: c\"}}]\n",
            "p")) == "p:2:22: error[GW001] the value of 'a' has a control character\n");
  CHECK(all(load_plan_text("targets: [{url: \"http://a/\"}]\nrequests: [{path: orders}]\n", "p"))
            .contains("must start with '/'"));
  CHECK_FALSE(load_plan_text("", "p").readable);
  CHECK_FALSE(load_plan_file("/nonexistent.yaml").readable);
  const headgate::test::TempDir dir;
  CHECK(load_plan_file(dir.write("p.yaml", kPlanYaml)).ok());
}

}  // namespace
