#include "sim/kernels.hpp"

#include <chrono>
#include <optional>
#include <vector>

#include "headgate/arrival/distribution.hpp"
#include "headgate/core/random.hpp"
#include "headgate/sim/engine.hpp"
#include "headgate/sim/station.hpp"

namespace headgate::study {
namespace {

struct Event {
  std::uint8_t kind;
  std::uint32_t index;
};
using Engine = sim::Engine<Event>;
using Clock = std::chrono::steady_clock;

double ns_each(Clock::time_point start, std::uint64_t steps) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() /
         static_cast<double>(steps);
}

Duration ahead(Random& random) { return Duration{static_cast<std::int64_t>(random.below(2000))}; }

}  // namespace

double hold_ns(std::size_t pending, std::uint64_t steps) {
  Random random{1};
  Engine engine;
  for (std::size_t i = 0; i < pending; ++i) engine.schedule(TimePoint{ahead(random)}, {0, 0});
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < steps; ++i) {
    const std::optional<Event> event = engine.next();
    engine.schedule(engine.now() + ahead(random), *event);
  }
  return ns_each(start, steps);
}

double timers_ns(std::size_t pending, std::uint64_t steps) {
  Random random{1};
  Engine engine;
  const Engine::Lane lane = engine.lane(std::chrono::hours{1});
  std::vector<Engine::Handle> timers(4 * pending);
  for (std::size_t i = 0; i < pending; ++i) engine.schedule(TimePoint{ahead(random)}, {0, 0});
  std::size_t oldest = 0;
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < steps; ++i) {
    const std::optional<Event> event = engine.next();
    engine.schedule(engine.now() + ahead(random), *event);
    for (int timer = 0; timer < 4; ++timer) {
      engine.cancel(timers[oldest]);
      timers[oldest] = engine.schedule(lane, {1, 0});
      if (++oldest == timers.size()) oldest = 0;
    }
  }
  return ns_each(start, steps);
}

double mm1_ns(std::uint64_t jobs, std::uint64_t seed) {
  using std::chrono::milliseconds;
  const auto gap = arrival::Distribution::exponential(Duration{1'111'111}).value();
  const auto work = arrival::Distribution::exponential(milliseconds{1}).value();
  Random arrivals{2 * seed};
  Random services{2 * seed + 1};
  Engine engine;
  sim::Links links;
  sim::Station station({.servers = 1}, links);
  engine.schedule(TimePoint{}, {0, 0});
  const auto start = Clock::now();
  for (std::uint64_t arrived = 0; arrived < jobs;) {
    const std::optional<Event> event = engine.next();
    bool starts = false;
    if (event->kind == 0) {
      const auto number = static_cast<std::uint32_t>(arrived++ & 0xffff);
      engine.schedule(engine.now() + gap.sample(arrivals), {0, 0});
      starts = station.arrive(engine.now(), number) == sim::Station::Arrival::kStarts;
    } else {
      station.finish(engine.now());
      starts = station.start_next(engine.now()).has_value();
    }
    if (starts) engine.schedule(engine.now() + work.sample(services), {1, 0});
  }
  return ns_each(start, jobs);
}

}  // namespace headgate::study
