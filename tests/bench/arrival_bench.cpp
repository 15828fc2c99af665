// What a draw costs: the logarithm beside the C library's, and each family and schedule.
#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "headgate/arrival/catalog.hpp"
#include "headgate/arrival/schedule.hpp"

namespace headgate::arrival {
namespace {

void exponential_of_the_library(benchmark::State& state) {
  Random random{1};
  for (auto _ : state) benchmark::DoNotOptimize(-std::log1p(-random.uniform()));
}
BENCHMARK(exponential_of_the_library);

void exponential_of_ours(benchmark::State& state) {
  Random random{1};
  for (auto _ : state) benchmark::DoNotOptimize(unit_exponential(random));
}
BENCHMARK(exponential_of_ours);

void sample(benchmark::State& state, const std::string& text) {
  const Distribution distribution = parse_distribution(text).value();
  Random random{1};
  for (auto _ : state) benchmark::DoNotOptimize(distribution.sample(random));
}
BENCHMARK_CAPTURE(sample, exponential, "exponential:10ms");
BENCHMARK_CAPTURE(sample, constant, "10ms");
BENCHMARK_CAPTURE(sample, erlang, "erlang:mean=10ms,stages=4");
BENCHMARK_CAPTURE(sample, hyperexponential, "hyperexponential:mean=10ms,cv2=4");
BENCHMARK_CAPTURE(sample, lognormal, "lognormal:mean=10ms,cv=2");
BENCHMARK_CAPTURE(sample, weibull, "weibull:mean=10ms,shape=0.5");
BENCHMARK_CAPTURE(sample, pareto, "pareto:mean=10ms,shape=1.5,max=10s");

void next(benchmark::State& state, const Arrivals& arrivals) {
  AnySchedule schedule{arrivals, Random{1}};
  for (auto _ : state) benchmark::DoNotOptimize(schedule.next());
}
const Rate kRate{.count = 100'000, .per = std::chrono::seconds{1}};
BENCHMARK_CAPTURE(next, poisson, Arrivals{PoissonArrivals{kRate}});
BENCHMARK_CAPTURE(next, constant, Arrivals{ConstantArrivals{kRate}});
BENCHMARK_CAPTURE(next, sine,
                  Arrivals{SineArrivals{
                      .mean = kRate, .amplitude = kRate, .period = std::chrono::seconds{1}}});
BENCHMARK_CAPTURE(next, mmpp,
                  Arrivals{MmppArrivals::make(std::vector{kRate, Rate{}},
                                              std::vector<Duration>{std::chrono::milliseconds{9},
                                                                    std::chrono::milliseconds{1}})
                               .value()});

}  // namespace
}  // namespace headgate::arrival
