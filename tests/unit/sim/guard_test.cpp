// The rules around a service's targets in virtual time: what the production objects decide there,
// worked by hand or known from theory.
#include <catch2/catch.hpp>
#include <utility>

#include "plans.hpp"

namespace headgate::sim {
namespace {

using namespace test;
using resilience::Guard;

/// One target that takes 1 ms of requests that come every 10 ms, and attempts that may last half of
/// that: all fail.
Plan failing(Guard::Config guard, Duration length) {
  Plan plan = plan_of({.arrivals = paced(0.1), .time = constant()});
  plan.services[0].response_timeout = kUnit / 2;
  plan.services[0].guard = std::move(guard);
  plan.horizon = {.duration = length, .jobs = {}};
  return plan;
}

resilience::RetryPolicy::Config retries(std::uint32_t attempts) {
  return {.attempts = attempts,
          .on = resilience::FaultSet{resilience::Fault::Kind::kTimeout},
          .budget = resilience::RetryPolicy::NoBudget{}};
}

TEST_CASE("guard: a limit of concurrency before idle servers loses what Erlang's B says") {
  Shape shape{.arrivals = poisson(5)};
  shape.station = {.servers = 5};
  Plan plan = plan_of(shape);
  plan.services[0].guard.concurrency = resilience::FixedLimit{5};
  const Sample sample(plan, 20);
  for (const char* figure : {"refused_share", "services.s.shed_share"}) {
    const stats::Estimate share = sample[figure];
    CAPTURE(figure, share.value);
    CHECK(share.low <= 0.284868);
    CHECK(0.284868 <= share.high);
    CHECK(share.high - share.low <= 2 * 0.03 * 0.284868);
  }
}

TEST_CASE("guard: retries make of each failing request as many attempts as they may") {
  const Outcome outcome = run(failing({.retry = retries(2)}, 2s), 1);
  CHECK(outcome.totals.failed == outcome.totals.scheduled);
  CHECK(outcome.uses[0].requests == outcome.totals.scheduled);
  CHECK(outcome.services[0][0].picked == 3 * outcome.totals.scheduled);
  const Sample sample(failing({.retry = retries(2)}, 2s), 2);
  CHECK(sample["attempts_per_request"].value == 3);
}

TEST_CASE("guard: a budget of a fifth makes six attempts of five failing requests") {
  resilience::RetryPolicy::Config retry = retries(2);
  retry.budget = resilience::PercentBudget::Config{.share = Share{0.2}, .min_per_second = 0};
  const Outcome outcome = run(failing({.retry = retry}, 100s), 1);
  const double attempts = static_cast<double>(outcome.services[0][0].picked) /
                          static_cast<double>(outcome.totals.scheduled);
  CHECK(attempts == Approx(1.2).epsilon(0.005));
}

TEST_CASE("guard: an answer that comes in time after a retry is an answer") {
  // The slow one never answers in time, the fast one always; a retry goes to the other.
  Plan plan = plan_of({.arrivals = paced(0.1), .time = constant(), .targets = 2});
  plan.services[0].targets[0].time = arrival::Distribution::constant(4 * kUnit).value();
  plan.services[0].response_timeout = 2 * kUnit;
  plan.services[0].guard.retry = retries(1);
  plan.services[0].guard.retry->backoff = {.base = 1ms, .max = 1ms};  // over before the next comes
  plan.horizon = {.duration = 10s, .jobs = {}};
  const Outcome outcome = run(plan, 1);
  const TargetOutcome& slow = outcome.services[0][0];
  const TargetOutcome& fast = outcome.services[0][1];
  CHECK(outcome.totals.ok == outcome.totals.scheduled);
  CHECK(fast.picked == outcome.totals.scheduled);
  CHECK(slow.picked > outcome.totals.scheduled / 3);
  // The server works on what nobody waits for any more.
  CHECK(slow.busy_ns == static_cast<Int128>(slow.picked) * (4 * kUnit).count());
}

TEST_CASE(
    "guard: a breaker opens after five failures, and its probe of 10 s later opens it again") {
  const Outcome outcome = run(
      failing({.breaker = resilience::Breaker::Config{.consecutive_failures = 5, .open_for = 10s}},
              20s),
      1);
  // The fifth has failed before 50.5 ms, so the probe is sent until 10.06 s, the next after 20 s.
  CHECK(outcome.services[0][0].picked == 6);
  CHECK(outcome.totals.failed == 6);
  CHECK(outcome.totals.refused == outcome.totals.scheduled - 6);
  CHECK(outcome.uses[0].shed == outcome.totals.refused);
}

TEST_CASE("guard: an outlier gets what it takes to know it, and no more while it is out") {
  Plan plan =
      plan_of({.arrivals = paced(0.1), .time = constant(), .targets = 3, .balance = "round_robin"});
  plan.services[0].targets[1].time = arrival::Distribution::constant(4 * kUnit).value();
  plan.services[0].response_timeout = 2 * kUnit;
  plan.services[0].guard.outlier =
      resilience::Outlier::Config{.consecutive_failures = 5, .base_time = 30s};
  plan.horizon = {.duration = 29s, .jobs = {}};
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.services[0][1].picked == 5);
  CHECK(outcome.totals.failed == 5);
  CHECK(outcome.totals.ok == outcome.totals.scheduled - 5);
}

TEST_CASE("guard: a client that gives up holds no place, and starts no retry") {
  Plan plan = failing({.retry = retries(2), .concurrency = resilience::FixedLimit{1}}, 2s);
  plan.services[0].response_timeout = 3 * kUnit;
  plan.services[0].targets[0].time = arrival::Distribution::constant(8 * kUnit).value();
  plan.clients.timeout = 2 * kUnit;
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.timed_out == outcome.totals.scheduled);
  CHECK(outcome.services[0][0].picked == outcome.totals.scheduled);
}

}  // namespace
}  // namespace headgate::sim
