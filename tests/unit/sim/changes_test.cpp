// The config of the gateways changes while a scenario runs. Every number is worked by hand:
// arrivals are paced, `n`/s at 0, 1/n, 2/n, …, and work takes constant times.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "headgate/report/json.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/figures.hpp"
#include "headgate/sim/results.hpp"
#include "unit/sim/plans.hpp"

namespace headgate::sim::test {
namespace {

/// A config of one service `a` with two targets, and one route.
struct Config {
  std::string filters = {};
  std::string service = {};  ///< what it says of `a` after its targets
  std::string route = "match: {path: {prefix: /}}";
  std::string weight = "1";  ///< of the second target
};

std::string text_of(const Config& config) {
  return "{listeners: [{name: http, bind: '127.0.0.1:0'}], services: {a: {targets: ["
         "{url: 'http://127.0.0.1:1'}, {url: 'http://127.0.0.1:2', weight: " +
         config.weight + "}]" + (config.service.empty() ? "" : ", " + config.service) +
         "}}, routes: [{name: all, " + config.route + ", service: a, filters: [" + config.filters +
         "]}], topics: {log: {store: main}, audit: {store: main}}, stores: {main: {memory: {}}}}";
}

struct Scene {
  std::string arrivals;
  Config first;
  std::string faults;  ///< entries, with their commas
  std::string time = "1ms";
  std::string duration;
  std::string more = {};
};

config::Scenario scenario_of_scene(const Scene& scene) {
  auto loaded = config::load_scenario_text(
      "arrivals: {constant: " + scene.arrivals + "}\ngateway: " + text_of(scene.first) +
          "\nfaults: [" + scene.faults + "]\nservices: {a: {servers: 10000, time: {constant: " +
          scene.time + "}}}\nrun: {duration: " + scene.duration +
          ", warmup: 0s, replications: 3, seed: 1}\n" + scene.more,
      "test.yaml");
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    UNSCOPED_INFO(config::to_text(diagnostic));
  }
  REQUIRE(loaded.ok());
  return std::move(loaded.value);
}

Plan plan_of_scene(const Scene& scene) {
  auto plan = make_plan(scenario_of_scene(scene).base());
  if (!plan) UNSCOPED_INFO(plan.error().where + ": " + plan.error().why);
  REQUIRE(plan.has_value());
  return *std::move(plan);
}

std::string change(const std::string& at, const Config& to, const std::string& length = {}) {
  return "{at: " + at + (length.empty() ? "" : ", for: " + length) + ", gateway: " + text_of(to) +
         "}";
}

std::string bucket(const std::string& rate) {
  return "rate_limit: {algorithm: token_bucket, rate: " + rate + ", burst: 20}";
}

TEST_CASE("changes: a new bucket is full, and fills at its own rate") {
  // 200/s find a bucket of 20 empty soon: until t it has given floor(20 + rate * t) tokens. The
  // last of 10 s asks at 9.995 s: floor(20 + 999.5), then floor(20 + 499.75).
  const Plan plan = plan_of_scene({.arrivals = "200/s",
                                   .first = {.filters = bucket("100/s")},
                                   .faults = change("10s", {.filters = bucket("50/s")}),
                                   .duration = "20s"});
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.scheduled == 4000);
  CHECK(outcome.totals.ok == 1019 + 519);
  CHECK(outcome.totals.refused == 4000 - 1019 - 519);
}

TEST_CASE("changes: at the end of one the first config comes back, with nothing of its past") {
  // From 10 s to 14.995 s: floor(20 + 249.75). From 15 s to 19.995 s: floor(20 + 499.5).
  const Plan plan = plan_of_scene({.arrivals = "200/s",
                                   .first = {.filters = bucket("100/s")},
                                   .faults = change("10s", {.filters = bucket("50/s")}, "5s"),
                                   .duration = "20s"});
  REQUIRE(plan.changes.size() == 2);
  CHECK(plan.changes[1].since == TimePoint{15s});
  CHECK(run(plan, 1).totals.ok == 1019 + 269 + 519);
}

TEST_CASE("changes: several take the place of each other in the order of their times") {
  // No limit from 10 s to 15 s: all 1000. Then 50/s: floor(20 + 249.75).
  const Plan plan = plan_of_scene(
      {.arrivals = "200/s",
       .first = {.filters = bucket("100/s")},
       .faults = change("15s", {.filters = bucket("50/s")}) + ", " + change("10s", {}),
       .duration = "20s"});
  CHECK(run(plan, 1).totals.ok == 1019 + 1000 + 269);
}

TEST_CASE("changes: another balancer shares out what comes from then on") {
  // 1000 turns of two, then 1000 turns of weights 1 and 3.
  const Plan plan = plan_of_scene(
      {.arrivals = "100/s",
       .first = {.service = "balance: {policy: round_robin}"},
       .faults =
           change("10s", {.service = "balance: {policy: weighted_round_robin}", .weight = "3"}),
       .duration = "20s"});
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.services[0][0].picked == 500 + 250);
  CHECK(outcome.services[0][1].picked == 500 + 750);
}

TEST_CASE("changes: who holds a place gives it back where it was taken") {
  // Ten places, 10/s, 1.95 s each: those of 0.0 to 0.9 s get in, and those of 2.0 to 2.4 s in their
  // places. From 2.42 s on there are five others: 2.5 to 2.9 s, 4.5 to 4.9 s, 6.5 to 6.9 s.
  const auto places = [](int count) -> Config {
    const std::string limit = "{limit: " + std::to_string(count) + "}";
    return {.service = "concurrency: " + limit};
  };
  const auto filter = [](int count) -> Config {
    return {.filters =
                "rate_limit: {algorithm: concurrency, limit: " + std::to_string(count) + "}"};
  };
  const bool guard = GENERATE(false, true);
  CAPTURE(guard);
  const Plan plan = plan_of_scene({.arrivals = "10/s",
                                   .first = guard ? places(10) : filter(10),
                                   .faults = change("2420ms", guard ? places(5) : filter(5)),
                                   .time = "1950ms",
                                   .duration = "8500ms"});
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.scheduled == 85);
  CHECK(outcome.totals.ok == 10 + 5 + 3 * 5);
  CHECK(outcome.totals.refused == 85 - 30);
}

TEST_CASE("changes: a request ends under the config that it came to, retries and timeouts too") {
  // One request at 0 s. Its two attempts of 500 ms end at 1 s; the new config would give it 100 ms.
  const std::string retry =
      "retry: {attempts: 1, on: [timeout], backoff: {base: 1ms, max: 1ms}}, timeouts: {response: "
      "500ms}";
  const Plan plan =
      plan_of_scene({.arrivals = "1/s",
                     .first = {.service = retry},
                     .faults = change("200ms", {.service = "timeouts: {response: 100ms}"}),
                     .time = "10s",
                     .duration = "1s"});
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.failed == 1);
  CHECK(outcome.services[0][0].picked + outcome.services[0][1].picked == 2);
}

TEST_CASE("changes: a target that is down is found so anew") {
  // Down from 0.95 s on, seen after a second: half of 1.0 to 1.9 s fails. The gateways of 3.05 s
  // see it at 4.05 s: half of 3.1 to 4.0 s.
  const Config config{.service =
                          "balance: {policy: round_robin}, "
                          "health: {path: /h, every: 1s, unhealthy_after: 1, healthy_after: 1}"};
  const std::string down = "{at: 950ms, target: a/1, down: true}";
  const Scene scene{.arrivals = "10/s", .first = config, .faults = down, .duration = "6s"};
  CHECK(run(plan_of_scene(scene), 1).totals.failed == 5);
  Scene changed = scene;
  changed.faults += ", " + change("3050ms", config);
  CHECK(run(plan_of_scene(changed), 1).totals.failed == 10);
}

TEST_CASE("changes: the new gateways make connections of their own") {
  // 10 ms more for the first request of each config to each target. The one of 1.0 s is answered
  // when the new gateways are there already, and its connection is not theirs.
  const Config config{.service = "balance: {policy: round_robin}"};
  const Scene scene{.arrivals = "10/s",
                    .first = config,
                    .faults = change("1010ms", config),
                    .time = "30ms",
                    .duration = "2s",
                    .more = "network: {connect: {constant: 10ms}}\n"};
  const Outcome outcome = run(plan_of_scene(scene), 1);
  CHECK(outcome.totals.ok == 20);
  CHECK(outcome.response_time.mean_ns() == Approx((16 * 30e6 + 4 * 40e6) / 20));
}

TEST_CASE("changes: routes are found anew, for the requests that there are") {
  const Scene scene{.arrivals = "10/s",
                    .first = {.route = "match: {path: {prefix: /v1}}"},
                    .faults = change("2s", {.route = "match: {path: {prefix: /v2}}"}),
                    .duration = "5s"};
  // Asked is what the first config serves, as nothing else is said.
  const Outcome outcome = run(plan_of_scene(scene), 1);
  CHECK(outcome.totals.ok == 20);
  CHECK(outcome.totals.failed == 30);
  Scene later = scene;
  later.more = "requests: [{path: /v2}]\n";
  CHECK(run(plan_of_scene(later), 1).totals.failed == 20);
}

TEST_CASE("changes: events go to the topics of the config that the request came to") {
  // 1.5 s of work: what is answered after 2 s came before it.
  const Plan plan = plan_of_scene({.arrivals = "10/s",
                                   .first = {.filters = "publish: {topic: log}"},
                                   .faults = change("2s", {.filters = "publish: {topic: audit}"}),
                                   .time = "1500ms",
                                   .duration = "5s"});
  CHECK(plan.topics == std::vector<std::string>{"log", "audit"});
  CHECK(run(plan, 1).published == std::vector<std::uint64_t>{20, 30});
}

TEST_CASE("changes: a route to a service may lead to a queue, which stays") {
  Plan plan = plan_of({.arrivals = {arrival::ConstantArrivals{make_rate(10, 1s)}}});
  plan.horizon = {.duration = 5s, .jobs = {}};
  plan.queues.push_back({.name = "q", .consumers = {.process = constant()}});
  Plan next = plan;
  next.since = TimePoint{2s};
  next.routes[0] = {.name = "all", .filters = {}, .queue = 0};
  plan.changes.push_back(std::move(next));
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.ok == 50);
  CHECK(outcome.services[0][0].picked == 20);
  CHECK(outcome.bus.queues[0].age.count() == 30);
}

TEST_CASE("changes: two gateways change at once, and each has limits of its own") {
  // Each gets some of 400/s, enough to empty its bucket: 2 * floor(20 + 100 * 10) but for what the
  // last requests leave; a bucket for both would give half.
  Scene scene{.arrivals = "400/s",
              .first = {},
              .faults = change("10s", {.filters = bucket("100/s")}),
              .duration = "20s",
              .more = "gateways: {count: 2, time: {constant: 1us}}\n"};
  const Outcome outcome = run(plan_of_scene(scene), 1);
  CHECK(outcome.totals.ok <= 4000 + 2 * 1020);
  CHECK(outcome.totals.ok > 4000 + 2 * 1010);
}

TEST_CASE("changes: figures know what only a later config does") {
  const Plan plan = plan_of_scene(
      {.arrivals = "10/s",
       .first = {},
       .faults = change("2s", {.service = "concurrency: {limit: 1}, retry: {attempts: 1}"}),
       .time = "950ms",
       .duration = "4s"});
  CHECK_FALSE(plan.services[0].sheds());
  // From 2 s on one of ten gets in: 18 of 40 are shed.
  CHECK(Sample{plan, 1}["services.a.shed_share"].value == Approx(18.0 / 40));
  CHECK(plan.retries());
}

TEST_CASE("changes: the bytes of the results do not depend on the threads") {
  Scene scene{.arrivals = "200/s",
              .first = {.filters = bucket("100/s"), .service = "balance: {policy: two_choices}"},
              .faults = change("2s", {.filters = bucket("50/s"),
                                      .service = "balance: {policy: random}, breaker: "
                                                 "{consecutive_failures: 2}"}) +
                        ", {at: 1s, for: 2s, target: a/0, down: true}",
              .time = "3ms",
              .duration = "5s"};
  const auto bytes = [&](unsigned threads) {
    const auto results = run_experiment(scenario_of_scene(scene), {.threads = threads});
    REQUIRE(results.has_value());
    return report::to_text(results_json(*results));
  };
  const std::string one = bytes(1);
  CHECK(one == bytes(2));
  CHECK(one == bytes(3));
}

TEST_CASE("changes: what cannot be simulated is said of the config that brings it") {
  const std::string to_topic =
      "{at: 2s, gateway: {listeners: [{name: http, bind: '127.0.0.1:0'}], services: {a: {targets: "
      "[{url: 'http://127.0.0.1:1'}, {url: 'http://127.0.0.1:2'}]}}, routes: [{name: in, topic: "
      "log}, {name: a, match: {path: {prefix: /a}}, service: a}], topics: {log: {store: main}}, "
      "stores: {main: {memory: {}}}}}";
  const config::Scenario scenario =
      scenario_of_scene({.arrivals = "10/s", .first = {}, .faults = to_topic, .duration = "5s"});
  const auto plan = make_plan(scenario.base());
  REQUIRE_FALSE(plan.has_value());
  CHECK(plan.error().where == "faults.0.gateway");
  CHECK(plan.error().why ==
        "with this config: requests.0 takes route 'in', which leads to no service and to no topic "
        "or queue of `broker`");
  std::string many = change("1s", {}, "1s");
  for (int i = 1; i < 50; ++i) many += ", " + change("1s", {}, "1s");
  const Scene full{.arrivals = "10/s", .first = {}, .faults = many, .duration = "3s"};
  CHECK(run(plan_of_scene(full), 1).totals.ok == 30);
  Scene over = full;
  over.faults += ", " + change("1s", {});
  const auto refused = make_plan(scenario_of_scene(over).base());
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().where == "faults");
}

}  // namespace
}  // namespace headgate::sim::test
