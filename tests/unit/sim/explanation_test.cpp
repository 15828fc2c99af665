// Where the slowest requests spent their time, on runs whose course can be followed by hand.
#include "headgate/sim/explanation.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "plans.hpp"

namespace headgate::sim {
namespace {

using namespace test;

const std::atomic<bool> kNoStopHere{false};

// One server of 10 ms, one request each 5 ms for 100 ms: the n-th of twenty waits 5 n ms.
Plan too_many() {
  Plan plan = plan_of({.arrivals = {arrival::ConstantArrivals{make_rate(1, 5ms)}},
                       .time = arrival::Distribution::constant(10ms).value()});
  plan.horizon = {.duration = 100ms, .jobs = {}};
  return plan;
}

Explanation explanation_of(const Plan& plan, double share) {
  Recording recording(plan, {.journeys = true});
  static_cast<void>(replicate(plan, 1, kNoStopHere, &recording));
  return explain(recording, Share{share});
}

TEST_CASE("explanation: what the slowest tenth takes longer is all in the queue") {
  const Plan plan = too_many();
  const Explanation found = explanation_of(plan, 0.1);
  CHECK(found.requests == 20);
  CHECK(found.slowest == 2);  // those that wait 90 and 95 ms
  CHECK(found.from == 100ms);
  CHECK(found.all_ns == 57.5e6);
  CHECK(found.slowest_ns == 102.5e6);
  REQUIRE(found.stages.size() == 2);
  CHECK(found.stages[0].stage == Stage{Stage::Kind::kQueue, 0});
  CHECK(found.stages[0].all_ns == 47.5e6);
  CHECK(found.stages[0].slowest_ns == 92.5e6);
  CHECK(found.stages[1].stage == Stage{Stage::Kind::kService, 0});
  CHECK(found.stages[1].all_ns == 10e6);
  CHECK(found.stages[1].slowest_ns == 10e6);
  const std::string text = explanation_text(found, PointResult({{"load", "2"}}, plan), false);
  CHECK(
      text.contains("load=2, 20 requests of one replication; the slowest 2 take 100ms or longer"));
  CHECK(
      text.contains("of the 45ms that the slowest take longer, 100% are queue of s: "
                    "92.5ms instead of 47.5ms"));
}

TEST_CASE("explanation: a share of less than one request is one request") {
  const Explanation found = explanation_of(too_many(), 0.001);
  CHECK(found.slowest == 1);
  CHECK(found.from == 105ms);
}

TEST_CASE("explanation: the stages of random requests add up to their mean response times") {
  Shape shape{.arrivals = poisson(1.5), .targets = 3, .balance = "random", .jobs = 4000};
  shape.station = {.servers = 1};
  Plan plan = plan_of(shape);
  plan.services[0].response_timeout = 6 * kUnit;
  plan.services[0].guard.retry = {.attempts = 2,
                                  .on = resilience::FaultSet{resilience::Fault::Kind::kTimeout},
                                  .budget = resilience::RetryPolicy::NoBudget{}};
  const Explanation found = explanation_of(plan, 0.01);
  double all = 0;
  double slowest = 0;
  for (const StageMeans& stage : found.stages) {
    all += stage.all_ns;
    slowest += stage.slowest_ns;
  }
  CHECK(all == Approx(found.all_ns));
  CHECK(slowest == Approx(found.slowest_ns));
  CHECK(found.attempts_slowest > found.attempts_all);
  const report::Json json = explanation_json(found, PointResult({{"policy", "random"}}, plan));
  CHECK(json["at"]["policy"] == "random");
  double shares = 0;
  for (const report::Json& stage : json["stages"]) shares += stage["slowest_share"].get<double>();
  CHECK(shares == Approx(1));
  CHECK(json["stages"].size() == 1 + 2 * 3);  // a queue and a server of each target, and retries
  CHECK(json["stages"][0]["stage"] == "retry");
  CHECK(json["stages"][1]["target"] == "s/0");
}

}  // namespace
}  // namespace headgate::sim
