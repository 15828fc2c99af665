// What the model says beyond plain queues, against closed forms. All times are in units of the mean
// service time; a station of a thousand servers is one at which nobody waits.
#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "headgate/sim/plan.hpp"
#include "unit/sim/plans.hpp"

namespace headgate::sim::test {
namespace {

constexpr std::uint32_t kEnough = 1000;

void check(const stats::Estimate& estimate, double exact, double tolerance) {
  INFO(estimate.low << " to " << estimate.high << " should hold " << exact);
  CHECK(estimate.low <= exact);
  CHECK(exact <= estimate.high);
  CHECK((estimate.high - estimate.low) / 2 < tolerance * exact);
}

arrival::Distribution fixed(double units) {
  return arrival::Distribution::constant(Duration{std::llround(units * kUnitNs)}).value();
}
arrival::Distribution drawn(double mean_units) {
  return arrival::Distribution::exponential(Duration{std::llround(mean_units * kUnitNs)}).value();
}

TEST_CASE("processor sharing: the mean response is the same for every kind of service time") {
  // M/G/1-PS: E[S] / (1 - load), whatever G. L. Kleinrock, Queueing Systems II, section 4.4.
  const auto time =
      GENERATE(fixed(1), drawn(1), arrival::Distribution::hyperexponential(kUnit, 4).value());
  const Plan plan = plan_of({.arrivals = poisson(0.5),
                             .time = time,
                             .station = {.discipline = Discipline::kProcessorSharing}});
  check(Sample{plan, 10}["response_time.mean"], 2 * kUnitNs, 0.05);
}

TEST_CASE("processor sharing: with many servers it is a queue without waiting") {
  const Plan plan =
      plan_of({.arrivals = poisson(5),
               .station = {.servers = kEnough, .discipline = Discipline::kProcessorSharing},
               .jobs = 5000});
  check(Sample{plan, 10}["response_time.mean"], kUnitNs, 0.03);
}

TEST_CASE("last come, first served: the mean is that of first come, the tail is longer") {
  Plan plan = plan_of({.arrivals = poisson(0.5), .station = {.discipline = Discipline::kLifo}});
  const Sample lifo{plan, 10};
  check(lifo["response_time.mean"], 2 * kUnitNs, 0.05);
  plan.services[0].targets[0].station.discipline = Discipline::kFifo;
  CHECK(lifo["response_time.p999"].low > Sample{plan, 10}["response_time.p999"].high);
}

TEST_CASE("priority: each class waits as Cobham's formula says") {
  // A. Cobham, 1954, load 1/4 each: R = 1/2; W1 = R / (1 - 1/4), W2 = R / ((1 - 1/4)(1 - 1/2)).
  Plan plan = plan_of({.arrivals = poisson(0.5), .station = {.discipline = Discipline::kPriority}});
  plan.kinds = {{.share_up_to = 0.5, .route = 0, .level = 3, .name = "late"},
                {.share_up_to = 1, .route = 0, .level = 0, .name = "early"}};
  const Sample sample{plan, 10};
  check(sample["classes.early.response_time.mean"], (1 + 2.0 / 3) * kUnitNs, 0.05);
  check(sample["classes.late.response_time.mean"], (1 + 4.0 / 3) * kUnitNs, 0.05);
}

TEST_CASE("patience: as many leave the queue as Erlang's model A says") {
  // M/M/10+M, 10 arrivals a unit, patience of 2 units: 0.103913 (Palm, 1957; solved as a chain).
  Plan plan = plan_of({.arrivals = poisson(10), .station = {.servers = 10}});
  plan.services[0].patience = drawn(2);
  check(Sample{plan, 10}["timed_out_share"], 0.103913, 0.07);
}

Plan lossy(double share) {
  Plan plan = plan_of({.arrivals = poisson(1), .station = {.servers = kEnough}, .jobs = 10'000});
  plan.network.loss = Share{share};
  plan.clients.timeout = 20 * kUnit;
  return plan;
}

TEST_CASE("client retries: three tries fail with the cube of the chance of one") {
  Plan plan = lossy(0.2);
  plan.clients.retry =
      resilience::RetryPolicy::Config{.attempts = 2,
                                      .on = resilience::FaultSet{resilience::Fault::Kind::kTimeout},
                                      .backoff = {.base = kUnit, .max = kUnit},
                                      .budget = resilience::RetryPolicy::NoBudget{}};
  const Sample sample{plan, 10};
  check(sample["timed_out_share"], 0.2 * 0.2 * 0.2, 0.2);
  check(sample["tries_per_request"], 1 + 0.2 + 0.2 * 0.2, 0.01);
  check(sample["attempts_per_request"], 1 + 0.2 + 0.2 * 0.2, 0.01);
}

TEST_CASE("client retries: a budget bounds them, whatever fails") {
  Plan plan = lossy(0.5);
  plan.clients.retry = resilience::RetryPolicy::Config{
      .attempts = 10,
      .on = resilience::FaultSet{resilience::Fault::Kind::kTimeout},
      .backoff = {.base = kUnit, .max = kUnit},
      .budget = resilience::PercentBudget::Config{.share = Share{0.1}, .min_per_second = 0}};
  CHECK(Sample{plan, 5}["tries_per_request"].value < 1.1005);
}

TEST_CASE("hedging: a second try after the 95th percentile cuts the tail as two draws do") {
  // Exponential times: beyond the delay d a call needs both to be late; P(T > t) = e^-t e^-(t - d).
  const double delay = std::log(20);
  Plan plan = plan_of({.arrivals = poisson(1), .station = {.servers = kEnough}});
  plan.clients.hedge =
      resilience::Hedge::Config{.delay = Duration{std::llround(delay * kUnitNs)},
                                .budget = {.share = Share{1}, .min_per_second = 1'000'000}};
  const Sample sample{plan, 10};
  check(sample["hedged_share"], 0.05, 0.1);
  check(sample["response_time.p99"], (std::log(100) + delay) / 2 * kUnitNs, 0.03);
  check(sample["response_time.mean"], (1 - 0.05 / 2) * kUnitNs, 0.03);
}

TEST_CASE("deadline: a call has one outcome at it, and what is past it is not served") {
  Plan plan = plan_of({.arrivals = poisson(1), .station = {.servers = kEnough}});
  plan.clients.deadline = kUnit;
  check(Sample{plan, 10}["timed_out_share"], std::exp(-1), 0.03);
  // One server, twice its capacity: it serves nobody who is late, so all it does is in time.
  plan = plan_of({.arrivals = poisson(2), .time = fixed(1)});
  plan.clients.deadline = 5 * kUnit;
  const Sample busy{plan, 5};
  CHECK(busy["services.s.utilisation"].low > 0.99);
  plan.services[0].targets[0].station.discipline = Discipline::kLifo;
  CHECK(Sample{plan, 5}["timed_out_share"].high < 0.52);
}

FaultPlan fault(FaultPlan::Kind kind, Duration at, Duration length, double amount = 0) {
  return {.kind = kind, .at = TimePoint{at}, .end = TimePoint{at + length}, .amount = amount};
}

Plan for_a_second(Duration time) {
  Plan plan = plan_of({.arrivals = {arrival::ConstantArrivals{make_rate(10, 1s)}}});
  plan.services[0].targets[0].time = arrival::Distribution::constant(time).value();
  plan.horizon.jobs.reset();
  plan.horizon.duration = 4s;
  plan.horizon.warmup_jobs = 0;
  return plan;
}

TEST_CASE("faults: a target that is down refuses at once, and loses what it had") {
  // Requests every 100 ms of 150 ms on two servers; down from 1 s to 2 s: those of 0.9 s are
  // broken off, those of 1.0 to 1.9 refused.
  Plan plan = for_a_second(150ms);
  plan.services[0].targets[0].station.servers = 2;
  plan.faults.push_back(fault(FaultPlan::Kind::kDown, 1s, 1s));
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.scheduled == 40);
  CHECK(outcome.totals.failed == 11);
  CHECK(outcome.totals.ok == 29);
}

TEST_CASE("faults: a paused target goes on where it was") {
  // 60 ms of work every 100 ms, a pause from 1.03 s to 2.03 s: the request of 1.0 s has 30 ms left.
  Plan plan = for_a_second(60ms);
  plan.faults.push_back(fault(FaultPlan::Kind::kPause, 1030ms, 1s));
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.ok == 40);
  // 1.0 s ends at 2.06 s; 1.1 s follows and ends at 2.12 s, 1.02 s after it came: before the pause
  // it was 60 ms, and each later one waits 40 ms less.
  CHECK(outcome.response_time.max() == 1060ms);
}

TEST_CASE("faults: a slow target takes so many times as long for what it starts") {
  Plan plan = for_a_second(10ms);
  plan.faults.push_back(fault(FaultPlan::Kind::kSlow, 1s, 1s, 5));
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.response_time.max() == 50ms);
  CHECK(outcome.response_time.mean_ns() == Approx((30 * 10e6 + 10 * 50e6) / 40));
}

TEST_CASE("faults: through a partition nothing gets, there or back") {
  // 150 ms of work: the answers of 0.9 s and 0.95 s are lost too. Clients give up after 500 ms.
  Plan plan = for_a_second(150ms);
  plan.services[0].targets[0].station.servers = 2;
  plan.clients.timeout = 500ms;
  plan.faults.push_back(fault(FaultPlan::Kind::kPartition, 1s, 1s));
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.timed_out == 11);
  CHECK(outcome.totals.ok == 29);
}

TEST_CASE("faults: the gateway's retries find a target that is up") {
  Plan plan = for_a_second(10ms);
  plan.services[0].targets.push_back(plan.services[0].targets[0]);
  plan.services[0].targets[1].name = "s/1";
  plan.services[0].balance.policy = "round_robin";
  plan.services[0].guard.retry =
      resilience::RetryPolicy::Config{.attempts = 1,
                                      .backoff = {.base = 1ms, .max = 1ms},
                                      .budget = resilience::RetryPolicy::NoBudget{}};
  plan.faults.push_back(fault(FaultPlan::Kind::kDown, 1s, 1s));
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.ok == 40);
  // A retry takes the turn of the other target, so each of the ten requests of that second finds
  // the one that is down.
  CHECK(outcome.services[0][0].picked == 10 + 15);
  CHECK(outcome.services[0][1].picked == 10 + 15);
}

TEST_CASE("pauses: the time that a target stands still is missing from its capacity") {
  // Two of ten units it stands still: a load of 0.6 is one of 0.75 on what is left.
  Plan plan = plan_of({.arrivals = poisson(0.6), .jobs = 20'000});
  plan.services[0].pauses = config::PauseConfig{.every = fixed(8), .length = fixed(2)};
  const Sample sample{plan, 10};
  check(sample["services.s.utilisation"], 0.6, 0.03);
  CHECK(sample["response_time.mean"].low > 4 * kUnitNs);  // 1 / (1 - 0.75)
}

TEST_CASE("gateways: their cores are a queue before the service") {
  // Two queues in tandem are independent (P. Burke, 1956): 0.5 / (1 - 0.25) and 1 / (1 - 0.5).
  Plan plan = plan_of({.arrivals = poisson(0.5)});
  plan.gateways.time = drawn(0.5);
  check(Sample{plan, 10}["response_time.mean"], (2.0 / 3 + 2) * kUnitNs, 0.05);
}

TEST_CASE("gateways: two that share the load by lot have cores of their own") {
  Plan plan = plan_of({.arrivals = poisson(1), .station = {.servers = kEnough}});
  plan.gateways = {.count = 2, .cores = 1, .time = drawn(1)};
  check(Sample{plan, 10}["response_time.mean"], (2 + 1) * kUnitNs, 0.05);
}

TEST_CASE("gateways: who knows only its own requests picks almost by lot") {
  Plan plan = plan_of({.arrivals = poisson(8), .targets = 10, .balance = "least_requests"});
  const double one = Sample{plan, 5}["response_time.mean"].high;
  plan.gateways.count = 10;
  const double ten = Sample{plan, 5}["response_time.mean"].low;
  CHECK(one < 1.5 * kUnitNs);
  CHECK(ten > 2 * kUnitNs);
}

TEST_CASE("fan-out: a request takes as long as the slowest of its calls") {
  // The mean of the greatest of four exponentials is 1 + 1/2 + 1/3 + 1/4.
  Plan plan = plan_of({.arrivals = poisson(1), .targets = 4, .station = {.servers = kEnough}});
  plan.services[0].fan_out = 4;
  const Sample sample{plan, 10};
  check(sample["response_time.mean"], 25.0 / 12 * kUnitNs, 0.02);
  check(sample["services.s.targets.s/2.share"], 0.25, 0.001);  // one each
  CHECK(sample["attempts_per_request"].value == Approx(4));
}

TEST_CASE("fan-out: one call that fails fails the request, after all have ended") {
  Plan plan = plan_of({.arrivals = poisson(1), .time = fixed(1), .targets = 2, .jobs = 1000});
  plan.services[0].fan_out = 2;
  plan.services[0].targets[1].station = {.servers = kEnough};
  plan.services[0].targets[0].station = {.servers = kEnough};
  plan.faults.push_back({.kind = FaultPlan::Kind::kDown, .target = 1});
  CHECK(run(plan, 1).totals.failed == 1000);
}

TEST_CASE("cache: what it holds does not reach the service") {
  Plan plan = plan_of({.arrivals = poisson(1), .station = {.servers = kEnough}});
  plan.services[0].cache = config::CacheConfig{.hits = Share{0.75}, .time = fixed(0.5)};
  check(Sample{plan, 10}["response_time.mean"], (0.25 * 1 + 0.75 * 0.5) * kUnitNs, 0.03);
}

TEST_CASE("network: there and back, and once to set a connection up") {
  Plan plan = for_a_second(1ms);
  plan.network = {.latency = fixed(2), .connect = fixed(3), .loss = {}};
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.response_time.max() == 8ms);  // the first
  CHECK(outcome.response_time.mean_ns() == Approx((8e6 + 39 * 5e6) / 40));
}

TEST_CASE("CoDel: a queue that stands is shed until it moves") {
  Plan plan = plan_of({.arrivals = poisson(1.5), .time = fixed(1)});
  plan.services[0].codel = resilience::Codel::Config{.target = 5 * kUnit, .interval = 100 * kUnit};
  const Sample sample{plan, 5};
  CHECK(sample["refused_share"].low > 0.3);  // a third is too much
  CHECK(sample["services.s.utilisation"].low > 0.97);
  plan.services[0].codel.reset();
  CHECK(sample["response_time.p50"].high < Sample{plan, 5}["response_time.p50"].low / 2);
}

}  // namespace
}  // namespace headgate::sim::test
