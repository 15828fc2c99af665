// What one decision of a resilience rule costs.
#include <benchmark/benchmark.h>

#include <utility>

#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/backoff.hpp"
#include "headgate/resilience/breaker.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/resilience/outlier.hpp"
#include "headgate/resilience/retry_budget.hpp"

namespace {

using namespace headgate;
using namespace headgate::resilience;
using namespace std::chrono_literals;

/// allow and record of a call that succeeds; with ratios, over their window.
void breaker_closed(benchmark::State& state) {
  Breaker::Config config;
  if (state.range(0) == 1) config.error_ratio = config.slow_ratio = Share{0.5};
  Breaker breaker = Breaker::make(config).value();
  TimePoint now{};
  for (auto _ : state) {
    now += 1us;
    breaker.record(breaker.allow(now), {.latency = 1ms, .failed = false}, now);
  }
}
BENCHMARK(breaker_closed)->ArgName("ratios")->Arg(0)->Arg(1);

void breaker_open(benchmark::State& state) {
  Breaker breaker = Breaker::make({.consecutive_failures = 1, .open_for = 24h}).value();
  breaker.record(breaker.allow(TimePoint{}), {.latency = 1ms, .failed = true}, TimePoint{});
  TimePoint now{};
  for (auto _ : state) {
    now += 1ns;
    benchmark::DoNotOptimize(static_cast<bool>(breaker.allow(now)));
  }
}
BENCHMARK(breaker_open);

void outlier_record(benchmark::State& state) {
  Outlier outlier = Outlier::make({}, 100).value();
  std::size_t target = 0;
  for (auto _ : state) {
    target = target == 99 ? 0 : target + 1;
    benchmark::DoNotOptimize(outlier.record(target, false, TimePoint{}));
  }
}
BENCHMARK(outlier_record);

void percent_budget(benchmark::State& state) {
  PercentBudget budget = PercentBudget::make({}).value();
  TimePoint now{};
  for (auto _ : state) {
    now += 1us;
    budget.on_call(now);
  }
}
BENCHMARK(percent_budget);

void backoff_full(benchmark::State& state) {
  const Backoff backoff = Backoff::make({}).value();
  Random random{1};
  for (auto _ : state) benchmark::DoNotOptimize(backoff.delay(2, {}, random));
}
BENCHMARK(backoff_full);

/// enter and done with one rule: 0 fixed, 1 AIMD, 2 Vegas, 3 gradient.
void concurrency(benchmark::State& state) {
  AdaptiveConcurrency::Config config = FixedLimit{100};
  if (state.range(0) == 1) config = Aimd::Config{};
  if (state.range(0) == 2) config = Vegas::Config{};
  if (state.range(0) == 3) config = Gradient::Config{};
  const auto limit = AdaptiveConcurrency::make(config).value();
  Random random{1};
  for (auto _ : state) limit->done(limit->enter(), 1ms, false, random);
}
BENCHMARK(concurrency)->ArgName("rule")->DenseRange(0, 3);

void codel_dequeue(benchmark::State& state) {
  Codel codel = Codel::make({}).value();
  TimePoint now{};
  for (auto _ : state) {
    now += 1us;
    benchmark::DoNotOptimize(codel.dequeue(1ms, false, now));
  }
}
BENCHMARK(codel_dequeue);

void client_throttle(benchmark::State& state) {
  ClientThrottle throttle = ClientThrottle::make({}).value();
  Random random{1};
  TimePoint now{};
  for (auto _ : state) {
    now += 1us;
    if (throttle.allow(now, random)) throttle.accepted(now);
  }
}
BENCHMARK(client_throttle);

}  // namespace
