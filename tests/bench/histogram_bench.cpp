// What a recorded request costs, and what a report costs. record() stands on the path of every
// request of load and sim: a few nanoseconds, or the tool measures itself.
#include <benchmark/benchmark.h>

#include <array>
#include <cmath>
#include <cstdint>

#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/schedule.hpp"
#include "headgate/core/random.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate {
namespace {

using stats::Histogram;

/// Service times around 1 ms, as a gateway sees them; a power of two of them, to walk in a ring.
std::array<Duration, 4096> samples() {
  std::array<Duration, 4096> found{};
  Random random{1};
  const auto times = arrival::Distribution::lognormal(std::chrono::milliseconds{1}, 2).value();
  for (Duration& sample : found) sample = times.sample(random);
  return found;
}

Histogram filled() {
  Histogram histogram;
  for (const Duration sample : samples()) histogram.record(sample);
  return histogram;
}

void histogram_record(benchmark::State& state) {
  const auto values = samples();
  Histogram histogram;
  std::size_t i = 0;
  for (auto _ : state) histogram.record(values[i++ % values.size()]);
  benchmark::DoNotOptimize(histogram.count());
}
BENCHMARK(histogram_record);

void histogram_quantile(benchmark::State& state) {
  const Histogram histogram = filled();
  for (auto _ : state) benchmark::DoNotOptimize(histogram.quantile(0.99));
}
BENCHMARK(histogram_quantile);

void histogram_merge(benchmark::State& state) {
  const Histogram part = filled();
  Histogram whole;
  for (auto _ : state) whole.merge(part);
  benchmark::DoNotOptimize(whole.count());
}
BENCHMARK(histogram_merge);

void histogram_encode(benchmark::State& state) {
  const Histogram histogram = filled();
  for (auto _ : state) benchmark::DoNotOptimize(histogram.encode());
  state.counters["bytes"] = static_cast<double>(histogram.encode().size());
}
BENCHMARK(histogram_encode);

void histogram_decode(benchmark::State& state) {
  const std::string text = filled().encode();
  for (auto _ : state) benchmark::DoNotOptimize(Histogram::decode(text));
}
BENCHMARK(histogram_decode);

void draw(benchmark::State& state, const arrival::Distribution& distribution) {
  Random random{1};
  for (auto _ : state) benchmark::DoNotOptimize(distribution.sample(random));
}
BENCHMARK_CAPTURE(draw, exponential,
                  arrival::Distribution::exponential(std::chrono::milliseconds{1}).value());
BENCHMARK_CAPTURE(draw, lognormal,
                  arrival::Distribution::lognormal(std::chrono::milliseconds{1}, 2).value());
BENCHMARK_CAPTURE(draw, histogram, arrival::Distribution::empirical(filled()).value());

void poisson_next(benchmark::State& state) {
  arrival::PoissonSchedule schedule{Rate{.count = 1000}, Random{1}};
  for (auto _ : state) benchmark::DoNotOptimize(schedule.next());
}
BENCHMARK(poisson_next);

}  // namespace
}  // namespace headgate
