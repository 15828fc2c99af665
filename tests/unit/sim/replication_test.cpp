// The model's rules one by one, on small cases whose course can be followed by hand: paced arrivals
// and constant service times leave nothing to chance.
#include "headgate/sim/replication.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "plans.hpp"

namespace headgate::sim {
namespace {

using namespace test;

arrival::Arrivals one_each(Duration gap) { return {arrival::ConstantArrivals{make_rate(1, gap)}}; }

// One server of 10 ms, one request each `gap`, for `length`.
Plan paced_plan(Duration gap, Duration length) {
  Plan plan =
      plan_of({.arrivals = one_each(gap), .time = arrival::Distribution::constant(10ms).value()});
  plan.horizon = {.duration = length, .jobs = {}};
  return plan;
}

TEST_CASE("replication: an idle server answers each request after its service time") {
  const Outcome outcome = run(paced_plan(20ms, 200ms), 1);
  CHECK(outcome.totals.scheduled == 10);  // at 0, 20, … 180 ms
  CHECK(outcome.totals.ok == 10);
  CHECK(outcome.response_time.min() == 10ms);
  CHECK(outcome.response_time.max() == 10ms);
  CHECK(outcome.queue_time.max() == 0ms);
  CHECK(outcome.length == 200ms);
  REQUIRE(outcome.services.size() == 1);
  CHECK(static_cast<std::int64_t>(outcome.services[0][0].busy_ns) == 100'000'000);
}

TEST_CASE("replication: an arrival at the very horizon comes too late") {
  CHECK(run(paced_plan(20ms, 180ms), 1).totals.scheduled == 9);
  CHECK(run(paced_plan(20ms, 180ms + 1ns), 1).totals.scheduled == 10);
}

TEST_CASE("replication: what waits at the horizon is served to its end and measured whole") {
  // A request every 5 ms, each of 10 ms: the n-th waits 5 n ms. Twenty come in 100 ms.
  const Outcome outcome = run(paced_plan(5ms, 100ms), 1);
  CHECK(outcome.totals.ok == 20);
  CHECK(outcome.queue_time.max() == 95ms);  // the twentieth
  CHECK(outcome.response_time.mean_ns() == 57.5e6);
  CHECK(outcome.ok_in_time == 9);  // but rates count what was answered before the horizon:
                                   // the tenth answer falls on it
  CHECK(static_cast<std::int64_t>(outcome.services[0][0].busy_ns) == 100'000'000);
}

TEST_CASE("replication: the warm-up is simulated and not measured") {
  Plan plan = paced_plan(5ms, 100ms);
  plan.horizon.warmup = 50ms;
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.warmup_requests == 10);
  CHECK(outcome.totals.scheduled == 10);
  CHECK(outcome.length == 50ms);
  CHECK(outcome.queue_time.min() == 50ms);  // the eleventh waits for the ten before it
  Plan jobs = paced_plan(5ms, 1s);
  jobs.horizon = {.duration = {}, .jobs = 10, .warmup_jobs = 10};
  const Outcome counted = run(jobs, 1);
  CHECK(counted.totals.scheduled == 10);
  CHECK(counted.warmup_requests == 10);
  CHECK(counted.length == 50ms);  // from the first measured arrival to the one that is too many
  CHECK(counted.response_time == outcome.response_time);
}

TEST_CASE("replication: over a bounded queue requests are refused, and counted once") {
  Plan plan = paced_plan(1ms, 10ms);
  plan.services[0].targets[0].station.queue_max = 2;
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.scheduled == 10);
  CHECK(outcome.totals.ok == 3);  // one served, two waiting
  CHECK(outcome.totals.refused == 7);
  CHECK(outcome.services[0][0].picked == 10);
  CHECK(outcome.response_time.count() == 3);  // refusals are not timed
}

TEST_CASE("replication: a client gives up at its timeout; the server does not notice") {
  // Two requests at 0 and 5 ms, each of 10 ms, answered after 10 and 15 ms; patience: 12 ms.
  Plan plan = paced_plan(5ms, 10ms);
  plan.clients.timeout = 12ms;
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.ok == 1);
  CHECK(outcome.totals.timed_out == 1);
  CHECK(outcome.response_time.max() == 12ms);  // it took at least as long
  CHECK(outcome.queue_time.count() == 2);      // both were served
}

TEST_CASE("replication: an answer at the very timeout is in time or late by who was first set") {
  // The timeout is set when the request is sent, before its service is scheduled: it comes first.
  Plan plan = paced_plan(20ms, 10ms);
  plan.clients.timeout = 10ms;
  CHECK(run(plan, 1).totals.timed_out == 1);
  plan.clients.timeout = 10ms + 1ns;
  CHECK(run(plan, 1).totals.ok == 1);
}

TEST_CASE("replication: beyond the gateway's response timeout the client gets a failure") {
  Plan plan = paced_plan(5ms, 10ms);
  plan.services[0].response_timeout = 12ms;
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.ok == 1);
  CHECK(outcome.totals.failed == 1);
  CHECK(outcome.response_time.count() == 1);
}

TEST_CASE("replication: requests given up no longer weigh on their target for the balancer") {
  // Target 0 takes 1 s, target 1 takes 1 ms. While nothing is given up, the slow target soon has
  // one request in flight and loses every comparison; given up after 2 ms each, it looks as idle.
  Plan plan = plan_of({.arrivals = one_each(5ms), .targets = 2, .balance = "two_choices"});
  plan.services[0].targets[0].time = arrival::Distribution::constant(1s).value();
  plan.services[0].targets[1].time = arrival::Distribution::constant(1ms).value();
  plan.horizon = {.duration = 900ms, .jobs = {}};
  const Outcome patient = run(plan, 1);
  CHECK(patient.services[0][0].picked == 1);
  plan.clients.timeout = 2ms;
  const Outcome impatient = run(plan, 1);
  CHECK(impatient.services[0][0].picked > 60);  // a fair coin: 90 of 180 expected, deviation 6.7
  CHECK(impatient.services[0][0].picked < 120);
}

TEST_CASE("replication: in a closed loop each client waits for its answer and then thinks") {
  // Two clients think 10 ms and share a server of 10 ms: one works while the other thinks. They
  // send together at 10 ms; from then on an answer comes every 10 ms.
  Plan plan = paced_plan(1ms, 1s);
  plan.arrivals = {arrival::ClosedArrivals{.clients = 2,
                                           .think = arrival::Distribution::constant(10ms).value()}};
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.ok_in_time == 98);             // at 20, 30, … 990 ms
  CHECK(outcome.response_time.max() == 20ms);  // the one who lost the first race
  CHECK(outcome.response_time.quantile(0.9) < 10ms + 20us);
}

TEST_CASE("replication: the same request draws the same work under every policy and load") {
  // Common random numbers: with one server per request there is no queue, so response times are the
  // drawn service times, and those must not depend on the balancer.
  Shape shape{.arrivals = poisson(3), .targets = 4};
  shape.station.servers = 1000;
  shape.balance = "random";
  const Outcome random = run(plan_of(shape), 3);
  shape.balance = "two_choices";
  const Outcome two_choices = run(plan_of(shape), 3);
  shape.arrivals = poisson(30);
  const Outcome faster = run(plan_of(shape), 3);
  CHECK(random.response_time == two_choices.response_time);
  CHECK(random.response_time == faster.response_time);
  CHECK_FALSE(random.response_time == run(plan_of(shape), 4).response_time);
}

TEST_CASE("replication: kinds of requests are drawn by their shares") {
  Plan plan = plan_of({.arrivals = poisson(0.5)});
  plan.routes.push_back({.name = "second", .filters = {}, .service = 1});
  plan.services.push_back(plan.services[0]);
  plan.services[1].name = "t";
  plan.kinds = {{.share_up_to = 0.25, .route = 0}, {.share_up_to = 1, .route = 1}};
  const Outcome outcome = run(plan, 1);
  const auto first = static_cast<double>(outcome.services[0][0].picked);
  CHECK(first / 20'000 == Approx(0.25).margin(0.0124));  // four deviations of a binomial
  CHECK(outcome.services[0][0].picked + outcome.services[1][0].picked == 20'000);
}

TEST_CASE("replication: told to stop, it ends its arrivals and its books still balance") {
  Plan plan = plan_of({.arrivals = poisson(0.5), .jobs = 1'000'000});
  plan.horizon.warmup_jobs = 0;
  const std::atomic<bool> stopped{true};
  const Outcome outcome = replicate(plan, 1, stopped);
  CHECK(outcome.interrupted);
  CHECK(outcome.totals.scheduled > 1'000);  // it looks every 4096 events
  CHECK(outcome.totals.scheduled < 5'000);
  CHECK(outcome.totals.adds_up());
  CHECK(outcome.length > 0ns);
}

}  // namespace
}  // namespace headgate::sim
