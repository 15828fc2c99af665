// How fast a simulation runs. Three levels, so that a loss of speed can be placed:
// - hold: the event queue alone, one pop and one push with N events pending (the hold model of
//   D. W. Jones, CACM 29(4), 1986), and the same with most timers cancelled;
// - mm1_engine: an M/M/1 queue on engine and station, nothing measured;
// - mm1_replication: the same through the whole model with streams per request, histograms and
//   books. The published figure is jobs per second (items), since "events" compare with nothing.
#include <benchmark/benchmark.h>

#include <atomic>
#include <cmath>
#include <cstdint>
#include <optional>

#include "headgate/arrival/distribution.hpp"
#include "headgate/core/random.hpp"
#include "headgate/sim/engine.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/replication.hpp"
#include "headgate/sim/station.hpp"

namespace headgate::sim {
namespace {

struct Event {
  std::uint8_t kind;
  std::uint32_t index;
};

void hold(benchmark::State& state) {
  Random random{1};
  Engine<Event> engine;
  const auto ahead = [&random] { return Duration{static_cast<std::int64_t>(random.below(2000))}; };
  for (std::int64_t i = 0; i < state.range(0); ++i) engine.schedule(TimePoint{ahead()}, {0, 0});
  for (auto _ : state) {
    const std::optional<Event> event = engine.next();
    engine.schedule(engine.now() + ahead(), *event);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hold)->Arg(16)->Arg(256)->Arg(4096)->Arg(65536)->Arg(1 << 20);

// Each event sets four timers far ahead and takes back those of an earlier one, as timeouts do.
void hold_with_cancelled_timers(benchmark::State& state) {
  Random random{1};
  Engine<Event> engine;
  std::vector<Engine<Event>::Handle> timers(4 * static_cast<std::size_t>(state.range(0)));
  for (std::int64_t i = 0; i < state.range(0); ++i) engine.schedule(TimePoint{}, {0, 0});
  const Engine<Event>::Lane lane = engine.lane(std::chrono::hours{1});
  std::size_t oldest = 0;
  for (auto _ : state) {
    const std::optional<Event> event = engine.next();
    engine.schedule(engine.now() + Duration{static_cast<std::int64_t>(random.below(2000))}, *event);
    for (int i = 0; i < 4; ++i) {
      engine.cancel(timers[oldest]);
      timers[oldest] = engine.schedule(lane, {1, 0});
      oldest = (oldest + 1) % timers.size();
    }
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(hold_with_cancelled_timers)->Arg(256);

double exponential_ns(Random& random, double mean_ns) {
  return -mean_ns * std::log1p(-random.uniform());
}

void mm1_engine(benchmark::State& state) {
  const double load = static_cast<double>(state.range(0)) / 100;
  Random arrivals{1};
  Random services{2};
  Engine<Event> engine;
  Links links;
  Station station({.servers = 1}, links);
  const auto after = [&engine](double ns) {
    return engine.now() + Duration{static_cast<std::int64_t>(ns)};
  };
  engine.schedule(TimePoint{}, {0, 0});
  std::int64_t jobs = 0;
  for (auto _ : state) {
    // One iteration is one job: its arrival and whatever ends before it.
    for (bool arrived = false; !arrived;) {
      const std::optional<Event> event = engine.next();
      bool starts = false;
      if (event->kind == 0) {
        arrived = true;
        engine.schedule(after(exponential_ns(arrivals, 1e6 / load)), {0, 0});
        starts = station.arrive(engine.now(), 0) == Station::Arrival::kStarts;
      } else {
        station.finish(engine.now());
        starts = station.start_next(engine.now()).has_value();
      }
      if (starts) engine.schedule(after(exponential_ns(services, 1e6)), {1, 0});
    }
    ++jobs;
  }
  state.SetItemsProcessed(jobs);
}
BENCHMARK(mm1_engine)->Arg(50)->Arg(90);

void mm1_replication(benchmark::State& state) {
  using namespace std::chrono_literals;
  constexpr std::int64_t kJobs = 100'000;
  Plan plan;
  plan.arrivals.shape = arrival::PoissonArrivals{make_rate(state.range(0), 1s)};
  plan.kinds.push_back({.share_up_to = 1, .route = 0});
  plan.routes.push_back({.name = "", .filters = {}, .service = 0});
  plan.services.push_back({.name = "s",
                           .targets = {{.name = "s/0",
                                        .station = {},
                                        .time = arrival::Distribution::exponential(10ms).value()}},
                           .balance = {}});
  plan.horizon.jobs = kJobs;
  const std::atomic<bool> never{false};
  for (auto _ : state) benchmark::DoNotOptimize(replicate(plan, 1, never));
  state.SetItemsProcessed(state.iterations() * kJobs);
}
BENCHMARK(mm1_replication)->Arg(50)->Arg(90)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headgate::sim
