// From a scenario and the gateway's own file to a plan: what each request meets, and what is
// refused.
#include "headgate/sim/plan.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "headgate/config/scenario_config.hpp"
#include "headgate/sim/gateway_model.hpp"

namespace headgate::sim {
namespace {

Result<Plan> plan_from(const std::string& text) {
  const auto loaded = config::load_scenario_text(text, "test.yaml");
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    UNSCOPED_INFO(config::to_text(diagnostic));
  }
  REQUIRE(loaded.ok());
  return make_plan(loaded.value.points.front().scenario);
}

std::string fault_of(const std::string& text) {
  const auto plan = plan_from(text);
  return plan ? "none" : plan.error().where + ": " + plan.error().why;
}

const std::string kGateway =
    "arrivals: {poisson: 100/s}\n"
    "gateway:\n"
    "  listeners: [{name: http, bind: '127.0.0.1:0'}]\n"
    "  services:\n"
    "    a: {targets: [{name: one, url: 'http://127.0.0.1:1'}, {url: "
    "'http://127.0.0.1:2'}]}\n"
    "    b: {targets: [{url: 'http://127.0.0.1:3'}], balance: {policy: round_robin},\n"
    "        timeouts: {response: 7s}}\n"
    "  routes:\n"
    "  - {name: events, match: {path: {exact: /events}}, topic: log}\n"
    "  - name: b-write\n"
    "    match: {hosts: [b.example.com], path: {prefix: /b}, methods: [POST]}\n"
    "    filters:\n"
    "    - rate_limit: {algorithm: token_bucket, rate: 5/s, burst: 2, key: ['header:x-key', "
    "route]}\n"
    "    - publish: {topic: log}\n"
    "    service: b\n"
    "  - {name: a, match: {path: {prefix: /a}}, service: a}\n"
    "  topics: {log: {store: main}}\n"
    "  stores: {main: {memory: {}}}\n"
    "services: {a: {time: {constant: 1ms}, servers: 2, queue: 4}, b: {time: {constant: 2ms}}}\n";

TEST_CASE("plan: services, targets and timeouts are those of the gateway's file") {
  const Plan plan = plan_from(kGateway).value();
  REQUIRE(plan.services.size() == 2);
  CHECK(plan.services[0].targets[0].name == "one");
  CHECK(plan.services[0].targets[1].name == "a/1");
  CHECK(plan.services[0].targets[1].station.servers == 2);
  CHECK(plan.services[0].targets[1].station.queue_max == 4);
  CHECK(plan.services[0].balance.policy == "two_choices");
  CHECK(plan.services[0].capacity_per_s() == Approx(4000));
  CHECK(plan.services[1].balance.policy == "round_robin");
  CHECK(plan.services[1].response_timeout == std::chrono::seconds{7});
  CHECK(plan.topics == std::vector<std::string>{"log"});
}

TEST_CASE("plan: the production router says which route each kind of request takes") {
  const Plan plan =
      plan_from(
          kGateway +
          "requests:\n"
          "- {path: '/a/../a/%31?x=1', weight: 1}\n"
          "- {method: POST, host: 'B.example.com:80', path: /b/2, headers: {X-Key: k1}, weight: "
          "2}\n"
          "- {path: /b/2, host: b.example.com, weight: 1}\n")
          .value();
  REQUIRE(plan.kinds.size() == 3);
  CHECK(plan.routes.at(plan.kinds[0].route).name == "a");
  CHECK(plan.routes.at(plan.kinds[1].route).name == "b-write");
  CHECK(plan.kinds[2].route == RequestKind::kNoRoute);  // a GET: 405
  CHECK(plan.kinds[0].share_up_to == Approx(0.25));
  CHECK(plan.kinds[1].share_up_to == Approx(0.75));
  CHECK(plan.kinds[2].share_up_to == Approx(1));
  REQUIRE(plan.limiters.size() == 1);
  CHECK(plan.limiters[0].callers.at(1) == std::vector<std::string>{"k1", "b-write"});
}

TEST_CASE("plan: requests with the API keys of two consumers have limits of their own") {
  const std::string gateway =
      "arrivals: {poisson: 100/s}\n"
      "gateway:\n"
      "  listeners: [{name: http, bind: '127.0.0.1:0'}]\n"
      "  services: {a: {targets: [{url: 'http://127.0.0.1:1'}]}}\n"
      "  routes:\n"
      "  - {name: a, service: a, filters: [{rate_limit: {algorithm: token_bucket, rate: 1/s, "
      "burst: 1, key: consumer}}]}\n"
      "  consumers: {acme: {keys: [k1, k2]}, beta: {keys: [k3]}}\n"
      "services: {a: {time: {constant: 1ms}}}\n";
  const Plan plan = plan_from(gateway +
                              "requests:\n"
                              "- {headers: {X-Api-Key: k1}, weight: 3}\n"
                              "- {headers: {x-api-key: k2}, weight: 1}\n"
                              "- {headers: {x-api-key: k3}, weight: 1}\n"
                              "- {path: /, weight: 1}\n")
                        .value();
  GatewayModel model(plan, 1);
  std::vector<bool> admitted;
  for (std::uint32_t kind = 0; kind < 4; ++kind) {
    admitted.push_back(model.admit(kind, TimePoint{}).verdict == GatewayModel::Verdict::kAdmitted);
  }
  CHECK(admitted == std::vector<bool>{true, false, true, true});  // k2 is acme, as k1 is
}

TEST_CASE("plan: clients that are not told what to ask take the first route to a service") {
  const Plan plan = plan_from(kGateway).value();
  REQUIRE(plan.kinds.size() == 1);
  CHECK(plan.routes.at(plan.kinds[0].route).name == "b-write");
}

TEST_CASE("plan: load fills the service that is filled first by what reaches it") {
  // Half of the requests go to a, which can do 4000/s, half to b, which can do 500/s: b is full at
  // 1000/s, so 80 % are 800/s.
  const Plan plan =
      plan_from(kGateway +
                "requests: [{path: /a}, {method: POST, host: b.example.com, path: /b}]\n"
                "sweep: {load: [0.8]}\n")
          .value();
  CHECK(plan.arrivals.rate()->per_second() == Approx(800));
}

TEST_CASE("plan: a run of jobs warms up by a tenth, a run of time is measured whole") {
  const std::string direct = "arrivals: {poisson: 1/s}\nservices: {s: {time: {constant: 1ms}}}\n";
  const Horizon jobs = plan_from(direct + "run: {jobs: 5k}\n").value().horizon;
  CHECK(jobs.jobs == 5000U);
  CHECK(jobs.warmup_jobs == 500);
  const Horizon time = plan_from(direct + "run: {duration: 15s}\n").value().horizon;
  CHECK(time.duration == std::chrono::seconds{15});
  CHECK(time.warmup_jobs == 0);
  CHECK(time.warmup == Duration::zero());
  const Horizon told = plan_from(direct + "run: {jobs: 5k, warmup: 3s}\n").value().horizon;
  CHECK(told.warmup_jobs == 0);
  CHECK(told.warmup == std::chrono::seconds{3});
}

TEST_CASE("plan: the rules around a service are those of the gateway's file") {
  const auto guarded = [](const std::string& rule) {
    std::string text = kGateway;
    text.replace(text.find("a: {targets"), 4, "a: {" + rule + ", ");
    return plan_from(text).value().services[0];
  };
  CHECK(guarded("breaker: {consecutive_failures: 3}").guard.breaker->consecutive_failures == 3);
  CHECK(guarded("outlier: {}").guard.outlier);
  CHECK(guarded("retry: {attempts: 2}").guard.retry->attempts == 2);
  CHECK(guarded("throttle: {}").guard.throttle);
  CHECK(guarded("concurrency: {limit: 5}").sheds());
  CHECK_FALSE(guarded("retry: {}").sheds());
  const Plan plan =
      plan_from(kGateway + "requests: [{path: /a}, {path: /a, method: POST}]\n").value();
  CHECK(plan.kinds[0].repeatable);
  CHECK_FALSE(plan.kinds[1].repeatable);
}

TEST_CASE("plan: what cannot be simulated is refused by name") {
  const std::string poisson = "arrivals: {poisson: 1/s}\n";
  CHECK(
      fault_of(poisson + "services: {a: {time: {constant: 1ms}}, b: {time: {constant: 1ms}}}\n") ==
      "services: without a gateway there must be exactly one service");
  CHECK(fault_of(poisson + "services: {s: {time: {constant: 0s}}}\nsweep: {load: [0.5]}\n")
            .starts_with("sweep.load: gives no rate"));
  CHECK(fault_of("arrivals: {closed: {clients: 2}}\nservices: {s: {time: {constant: 1ms}}}\n"
                 "sweep: {load: [0.5]}\n")
            .starts_with("sweep.load: sets a rate"));
  CHECK(fault_of(kGateway + "requests: [{path: /events}]\n")
            .starts_with("requests.0: takes route 'events', which leads to no service"));
  std::string excepted = kGateway;
  excepted.replace(excepted.find("queue: 4"), 8, "except: [{target: 2, servers: 5}]");
  CHECK(fault_of(excepted) == "services.a.except: there is no target 2; targets are 0 to 1");
  std::string unmodelled = kGateway;
  unmodelled.erase(unmodelled.find(", b: {time"),
                   std::string{", b: {time: {constant: 2ms}}"}.size());
  CHECK(fault_of(unmodelled) == "services: the gateway's service 'b' has no model; give its time");
}

}  // namespace
}  // namespace headgate::sim
