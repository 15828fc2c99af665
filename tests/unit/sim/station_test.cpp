#include "headgate/sim/station.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/sim/engine.hpp"
#include "headgate/sim/shared_station.hpp"
#include "support/time.hpp"

namespace headgate::sim {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

// What the host of a station does when a service ends.
std::optional<std::uint32_t> finish(Station& station, TimePoint now) {
  station.finish(now);
  return station.start_next(now);
}

TEST_CASE("line: levels go first, within one those who came first, and anybody can leave") {
  Links links;
  WaitingLine line{links};
  line.push_back(5, 1);
  line.push_back(2, 1);
  line.push_back(9, 0);
  line.push_front(7, 1);
  line.push_back(3, 7);
  CHECK(line.size() == 5);
  CHECK(line.pop() == 9);
  line.remove(5);  // from the middle
  CHECK_FALSE(line.holds(5));
  CHECK(line.pop() == 7);
  line.remove(2);  // the last of its level
  CHECK(line.pop() == 3);
  CHECK(line.size() == 0);
  line.push_back(2, 3);
  CHECK(line.pop() == 2);
}

TEST_CASE("station: who is served next depends on the discipline") {
  const auto order = [](Discipline discipline) {
    Links links;
    Station station({.servers = 1, .discipline = discipline}, links);
    station.arrive(at(0ns), 0);
    station.arrive(at(1ns), 1, 2);
    station.arrive(at(2ns), 2, 1);
    station.arrive(at(3ns), 3, 1);
    std::vector<std::uint32_t> served;
    while (const auto next = finish(station, at(4ns))) served.push_back(*next);
    return served;
  };
  CHECK(order(Discipline::kFifo) == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(order(Discipline::kLifo) == std::vector<std::uint32_t>{3, 2, 1});
  CHECK(order(Discipline::kPriority) == std::vector<std::uint32_t>{2, 3, 1});
}

TEST_CASE("station: who leaves the queue is not served, and has waited until then") {
  Links links;
  Station station({.servers = 1}, links);
  station.arrive(at(0ns), 1);
  station.arrive(at(10ns), 2);
  CHECK(station.leave(at(25ns), 2));
  CHECK_FALSE(station.leave(at(25ns), 2));
  CHECK_FALSE(station.leave(at(25ns), 1));  // it is being served
  CHECK_FALSE(finish(station, at(30ns)).has_value());
  CHECK(static_cast<std::int64_t>(station.integrals(at(40ns)).waiting) == 15);
}

TEST_CASE("station: nothing starts in a pause, and no work is done") {
  Links links;
  Station station({.servers = 2}, links);
  station.arrive(at(0ns), 1);
  station.pause(at(10ns));
  CHECK(station.arrive(at(12ns), 2) == Station::Arrival::kWaits);  // though a server is free
  CHECK_FALSE(station.start_next(at(13ns)).has_value());
  station.resume(at(20ns));
  CHECK(station.start_next(at(20ns)) == 2U);
  const Station::Integrals sums = station.integrals(at(25ns));
  CHECK(static_cast<std::int64_t>(sums.busy) == 10 + 2 * 5);
  CHECK(static_cast<std::int64_t>(sums.waiting) == 8);
}

TEST_CASE("shared station: two halve the speed, and an end gives it back") {
  // By hand, one server. 1 brings 10 at 0, 2 brings 4 at 2. Until 2 request 1 has done 2; then each
  // runs at a half: 2 ends after 8, at 10, when 1 has done 2 + 4 = 6; its other 4 end at 14.
  SharedStation station{1};
  station.arrive(at(0ns), 1, 10ns);
  CHECK(station.next_end() == at(10ns));
  station.arrive(at(2ns), 2, 4ns);
  CHECK(station.next_end() == at(10ns));
  CHECK(station.finish(at(10ns)) == 2);
  CHECK(station.next_end() == at(14ns));
  CHECK(station.finish(at(14ns)) == 1);
  CHECK(station.next_end() == TimePoint{kNever});
  CHECK(static_cast<std::int64_t>(station.busy_ns(at(20ns))) == 14);
}

TEST_CASE("shared station: with as many servers as requests nobody is slowed") {
  SharedStation station{2};
  station.arrive(at(0ns), 1, 10ns);
  station.arrive(at(0ns), 2, 6ns);
  CHECK(station.next_end() == at(6ns));
  CHECK(station.finish(at(6ns)) == 2);
  CHECK(station.next_end() == at(10ns));
  // A third brings 8 at 6, a fourth 8 at 7: three share two servers.
  station.arrive(at(6ns), 3, 8ns);
  station.arrive(at(7ns), 4, 8ns);
  CHECK(station.next_end() == at(7ns + 5ns));  // 1 has 3 left at two thirds: 4.5, rounded up
}

TEST_CASE(
    "shared station: a pause stops all, and who is thrown out takes what is left of its work") {
  SharedStation station{1};
  station.arrive(at(0ns), 1, 10ns);
  station.arrive(at(0ns), 2, 20ns);
  station.pause(at(4ns));
  CHECK(station.next_end() == TimePoint{kNever});
  station.resume(at(100ns));
  CHECK(station.next_end() == at(116ns));
  const auto left = station.clear(at(100ns));
  REQUIRE(left.size() == 2);
  CHECK(left[0].request == 1);
  CHECK(left[0].work == 8ns);
  CHECK(left[1].work == 18ns);
  CHECK(static_cast<std::int64_t>(station.busy_ns(at(200ns))) == 4);
}

TEST_CASE("station: serves up to its servers, queues up to its bound, refuses beyond") {
  Links links;
  Station station({.servers = 2, .queue_max = 1}, links);
  CHECK(station.arrive(at(0ns), 10) == Station::Arrival::kStarts);
  CHECK(station.arrive(at(1ns), 11) == Station::Arrival::kStarts);
  CHECK(station.arrive(at(2ns), 12) == Station::Arrival::kWaits);
  CHECK(station.arrive(at(3ns), 13) == Station::Arrival::kRefused);
  CHECK(finish(station, at(4ns)) == 12U);  // it starts at once: both servers stay busy
  CHECK(station.busy() == 2);
  CHECK(station.arrive(at(5ns), 14) == Station::Arrival::kWaits);
  CHECK(finish(station, at(6ns)) == 14U);
  CHECK_FALSE(finish(station, at(7ns)).has_value());
  CHECK(station.busy() == 1);
}

TEST_CASE("station: with no places to wait a busy station refuses at once") {
  Links links;
  Station station({.servers = 1, .queue_max = 0}, links);
  CHECK(station.arrive(at(0ns), 1) == Station::Arrival::kStarts);
  CHECK(station.arrive(at(1ns), 2) == Station::Arrival::kRefused);
  CHECK_FALSE(finish(station, at(2ns)).has_value());
  CHECK(station.arrive(at(2ns), 3) == Station::Arrival::kStarts);
}

TEST_CASE("station: the integrals are the areas under busy servers and waiting requests") {
  // By hand. One server: busy 0..30 (30). Waiting: one request 10..20, and one 15..30: 10 + 15.
  Links links;
  Station station({.servers = 1}, links);
  station.arrive(at(0ns), 1);
  station.arrive(at(10ns), 2);
  station.arrive(at(15ns), 3);
  REQUIRE(finish(station, at(20ns)) == 2U);
  REQUIRE(finish(station, at(30ns)) == 3U);
  const Station::Integrals sums = station.integrals(at(30ns));
  CHECK(static_cast<std::int64_t>(sums.busy) == 30);
  CHECK(static_cast<std::int64_t>(sums.waiting) == 25);
}

// Requests with drawn gaps and service times through an engine and a station; when each starts.
std::vector<TimePoint> starts_of(const std::vector<TimePoint>& arrivals,
                                 const std::vector<Duration>& services, std::uint32_t servers) {
  struct Event {
    bool kind;  // whether it is an arrival
    std::uint32_t index;
  };
  Engine<Event> engine;
  Links links;
  Station station({.servers = servers}, links);
  std::vector<TimePoint> starts(arrivals.size());
  const auto start = [&](std::uint32_t request) {
    starts[request] = engine.now();
    engine.schedule(engine.now() + services[request], {false, request});
  };
  for (std::uint32_t i = 0; i < arrivals.size(); ++i) engine.schedule(arrivals[i], {true, i});
  while (const auto event = engine.next()) {
    if (!event->kind) {
      if (const auto next = finish(station, engine.now())) start(*next);
    } else if (station.arrive(engine.now(), event->index) == Station::Arrival::kStarts) {
      start(event->index);
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
