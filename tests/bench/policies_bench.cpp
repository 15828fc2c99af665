// What one decision costs: limiters on one caller and on a million, balancers over 10 to 10 000
// targets.
#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace {

using namespace headgate;
using namespace std::chrono_literals;

ratelimit::TokenBucket bucket(const Rate& rate) {
  return ratelimit::TokenBucket::make({.rate = rate, .burst = {20}}).value();
}

/// A token every microsecond, or 1/7 µs more than that, and a request as often: all pass.
void token_bucket_admit(benchmark::State& state) {
  const auto limiter = bucket(state.range(0) == 0 ? make_rate(1'000'000, 1s) : make_rate(7, 8us));
  ratelimit::TokenBucket::State tat;
  TimePoint now{};
  for (auto _ : state) {
    now += 2us;
    benchmark::DoNotOptimize(limiter.admit(tat, now));
  }
}
BENCHMARK(token_bucket_admit)->ArgName("fractional")->Arg(0)->Arg(1);

void token_bucket_refuse(benchmark::State& state) {
  const auto limiter = bucket(make_rate(7, 24h));
  ratelimit::TokenBucket::State tat;
  TimePoint now{};
  benchmark::DoNotOptimize(limiter.admit(tat, now, {.count = 20}));
  for (auto _ : state) {
    now += 1ns;
    benchmark::DoNotOptimize(limiter.admit(tat, now));
  }
}
BENCHMARK(token_bucket_refuse);

void fixed_window_admit(benchmark::State& state) {
  const auto limiter =
      ratelimit::FixedWindow::make({.limit = {1'000'000'000}, .window = 1s}).value();
  ratelimit::FixedWindow::State window;
  TimePoint now{};
  for (auto _ : state) {
    now += 1us;
    benchmark::DoNotOptimize(limiter.admit(window, now));
  }
}
BENCHMARK(fixed_window_admit);

ratelimit::Limiter limiter(std::int64_t max_keys) {
  ratelimit::Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = make_rate(100, 1s);
  spec.burst = Tokens{20};
  spec.max_keys = max_keys;
  return ratelimit::make(spec, {.seed = 1}).value();
}

/// Callers known to a table with room for them, drawn uniformly.
void keyed_known(benchmark::State& state) {
  const std::int64_t callers = state.range(0);
  auto table = limiter(callers * 3 / 2);
  Random random{1};
  TimePoint now{};
  for (std::int64_t i = 0; i < callers; ++i) {
    benchmark::DoNotOptimize(table.admit(mix64(static_cast<std::uint64_t>(i)), now, {.count = 20}));
  }
  for (auto _ : state) {
    now += 1ns;
    const std::uint64_t caller = random.below(static_cast<std::uint64_t>(callers));
    benchmark::DoNotOptimize(table.admit(mix64(caller), now));
  }
}
BENCHMARK(keyed_known)->ArgName("callers")->Arg(1)->Arg(1'000)->Arg(1'000'000);

/// A flood of callers never seen before, on a full table.
void keyed_flood(benchmark::State& state) {
  auto table = limiter(state.range(0));
  std::uint64_t caller = 0;
  TimePoint now{};
  for (std::int64_t i = 0; i < 4 * state.range(0); ++i) {
    benchmark::DoNotOptimize(table.admit(mix64(++caller), now += 1ns));
  }
  for (auto _ : state) {
    now += 1ns;
    benchmark::DoNotOptimize(table.admit(mix64(++caller), now));
  }
}
BENCHMARK(keyed_flood)->ArgName("max_keys")->Arg(65'536)->Arg(1'000'000);

/// Targets with up to 7 requests in flight and a latency known of each.
void pick(benchmark::State& state, const char* policy) {
  const auto count = static_cast<std::size_t>(state.range(0));
  auto balancer = balance::make({.policy = policy}).value();
  std::vector<balance::TargetInfo> infos(count);
  std::vector<balance::Target> targets(count);
  Random random{1};
  for (std::size_t i = 0; i < count; ++i) {
    infos[i] = {.id = i + 1, .weight = static_cast<std::uint32_t>(1 + random.below(10))};
    targets[i].in_flight = static_cast<std::uint32_t>(random.below(8));
  }
  balancer.rebuild(infos);
  balance::Call call;
  for (std::size_t i = 0; i < count; ++i) {
    balancer.done(i, {.latency = 1ms * (1 + random.below(50))}, call.now += 1ms);
  }
  std::size_t sum = 0;
  for (auto _ : state) {
    call.now += 1us;
    sum += balancer.pick(targets, call, random).value_or(0);
  }
  benchmark::DoNotOptimize(sum);
}
#define HG_BENCH_PICK(policy, most) \
  BENCHMARK_CAPTURE(pick, policy, #policy)->ArgName("targets")->RangeMultiplier(10)->Range(10, most)
HG_BENCH_PICK(round_robin, 10'000);
HG_BENCH_PICK(random, 10'000);
HG_BENCH_PICK(weighted_random, 10'000);
HG_BENCH_PICK(two_choices, 10'000);
HG_BENCH_PICK(choices, 10'000);
HG_BENCH_PICK(peak_ewma, 10'000);
HG_BENCH_PICK(hot_cold, 10'000);
HG_BENCH_PICK(least_requests, 1000);
HG_BENCH_PICK(least_response_time, 1000);
HG_BENCH_PICK(weighted_least_requests, 1000);

/// What a host pays: the pick, its count and the answer's report.
void pool_pick_done(benchmark::State& state, const char* policy) {
  std::vector<balance::TargetInfo> infos;
  for (std::uint64_t id = 1; id <= 1000; ++id) infos.push_back({.id = id});
  auto pool = balance::Pool::make({.policy = policy}, infos).value();
  Random random{1};
  balance::Call call;
  for (auto _ : state) {
    call.now += 1us;
    const std::size_t picked = pool.pick(call, random).value();
    pool.done(picked, {.latency = 1ms}, call.now);
  }
}
BENCHMARK_CAPTURE(pool_pick_done, round_robin, "round_robin");
BENCHMARK_CAPTURE(pool_pick_done, two_choices, "two_choices");
BENCHMARK_CAPTURE(pool_pick_done, peak_ewma, "peak_ewma");

}  // namespace
