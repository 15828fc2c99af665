#include "headgate/sim/station.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/sim/engine.hpp"
#include "headgate/sim/fifo.hpp"

namespace headgate::sim {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint at(Duration since_start) { return TimePoint{since_start}; }

TEST_CASE("fifo: what went in first comes out first, across every growth of the ring") {
  Fifo fifo;
  std::uint32_t in = 0;
  std::uint32_t out = 0;
  for (int round = 1; round < 40; ++round) {
    for (int i = 0; i < 2 * round; ++i) fifo.push(in++);
    for (int i = 0; i < round; ++i) REQUIRE(fifo.pop() == out++);
  }
  REQUIRE(fifo.size() == in - out);
  while (fifo.size() > 0) REQUIRE(fifo.pop() == out++);
  CHECK(out == in);
}

TEST_CASE("station: serves up to its servers, queues up to its bound, refuses beyond") {
  Station station({.servers = 2, .queue_max = 1});
  CHECK(station.arrive(at(0ns), 10) == Station::Arrival::kStarts);
  CHECK(station.arrive(at(1ns), 11) == Station::Arrival::kStarts);
  CHECK(station.arrive(at(2ns), 12) == Station::Arrival::kWaits);
  CHECK(station.arrive(at(3ns), 13) == Station::Arrival::kRefused);
  CHECK(station.finish(at(4ns)) == 12U);  // it starts at once: both servers stay busy
  CHECK(station.busy() == 2);
  CHECK(station.arrive(at(5ns), 14) == Station::Arrival::kWaits);
  CHECK(station.finish(at(6ns)) == 14U);
  CHECK_FALSE(station.finish(at(7ns)).has_value());
  CHECK(station.busy() == 1);
}

TEST_CASE("station: with no places to wait a busy station refuses at once") {
  Station station({.servers = 1, .queue_max = 0});
  CHECK(station.arrive(at(0ns), 1) == Station::Arrival::kStarts);
  CHECK(station.arrive(at(1ns), 2) == Station::Arrival::kRefused);
  CHECK_FALSE(station.finish(at(2ns)).has_value());
  CHECK(station.arrive(at(2ns), 3) == Station::Arrival::kStarts);
}

TEST_CASE("station: the integrals are the areas under busy servers and waiting requests") {
  // By hand. One server: busy 0..30 (30). Waiting: one request 10..20, and one 15..30: 10 + 15.
  Station station({.servers = 1});
  station.arrive(at(0ns), 1);
  station.arrive(at(10ns), 2);
  station.arrive(at(15ns), 3);
  REQUIRE(station.finish(at(20ns)) == 2U);
  REQUIRE(station.finish(at(30ns)) == 3U);
  const Station::Integrals sums = station.integrals(at(30ns));
  CHECK(static_cast<std::int64_t>(sums.busy) == 30);
  CHECK(static_cast<std::int64_t>(sums.waiting) == 25);
}

// Requests with drawn gaps and service times through an engine and a station; when each starts.
std::vector<TimePoint> starts_of(const std::vector<TimePoint>& arrivals,
                                 const std::vector<Duration>& services, std::uint32_t servers) {
  struct Event {
    bool arrival;
    std::uint32_t request;
  };
  Engine<Event> engine;
  Station station({.servers = servers});
  std::vector<TimePoint> starts(arrivals.size());
  const auto start = [&](std::uint32_t request) {
    starts[request] = engine.now();
    engine.schedule(engine.now() + services[request], {false, request});
  };
  for (std::uint32_t i = 0; i < arrivals.size(); ++i) engine.schedule(arrivals[i], {true, i});
  while (const auto event = engine.next()) {
    if (!event->arrival) {
      if (const auto next = station.finish(engine.now())) start(*next);
    } else if (station.arrive(engine.now(), event->request) == Station::Arrival::kStarts) {
      start(event->request);
    }
  }
  return starts;
}

TEST_CASE("station: one server starts each request when Lindley's recursion says") {
  // D. V. Lindley, 1952: a request starts when it has come and the one before it has gone.
  const auto seed = GENERATE(range<std::uint64_t>(1, 6));
  CAPTURE(seed);
  Random random{seed};
  std::vector<TimePoint> arrivals;
  std::vector<Duration> services;
  TimePoint now{};
  for (int i = 0; i < 5000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(20))};  // many at one nanosecond
    arrivals.push_back(now);
    services.emplace_back(static_cast<std::int64_t>(random.below(20)));
  }
  const std::vector<TimePoint> starts = starts_of(arrivals, services, 1);
  TimePoint free_at{};
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const TimePoint expected = std::max(arrivals[i], free_at);
    REQUIRE(starts[i] == expected);
    free_at = expected + services[i];
  }
}

TEST_CASE("station: c servers start each request at the earliest of their free times") {
  // J. Kiefer, J. Wolfowitz, 1955: the same recursion over the sorted vector of c workloads.
  const auto servers = GENERATE(2U, 3U, 10U);
  CAPTURE(servers);
  Random random{servers};
  std::vector<TimePoint> arrivals;
  std::vector<Duration> services;
  TimePoint now{};
  for (int i = 0; i < 5000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(100))};
    arrivals.push_back(now);
    services.emplace_back(1 + static_cast<std::int64_t>(random.below(100 * servers)));
  }
  const std::vector<TimePoint> starts = starts_of(arrivals, services, servers);
  std::priority_queue<TimePoint, std::vector<TimePoint>, std::greater<>> free_at;
  for (std::uint32_t i = 0; i < servers; ++i) free_at.push(TimePoint{});
  for (std::size_t i = 0; i < arrivals.size(); ++i) {
    const TimePoint expected = std::max(arrivals[i], free_at.top());
    REQUIRE(starts[i] == expected);
    free_at.pop();
    free_at.push(expected + services[i]);
  }
}

}  // namespace
}  // namespace headgate::sim
