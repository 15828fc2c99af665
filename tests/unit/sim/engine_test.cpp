#include "headgate/sim/engine.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <tuple>
#include <vector>

#include "headgate/core/random.hpp"
#include "support/time.hpp"

namespace headgate::sim {
namespace {

using namespace std::chrono_literals;

struct Tag {
  std::uint8_t kind;
  std::uint32_t index;
};
using TagEngine = Engine<Tag>;

using headgate::test::at;

std::vector<std::uint32_t> drain(TagEngine& engine) {
  std::vector<std::uint32_t> order;
  while (const auto event = engine.next()) order.push_back(event->index);
  return order;
}

TEST_CASE("engine: events come out by time, and by sequence at one nanosecond") {
  TagEngine engine;
  engine.schedule(at(5ns), {7, 1});
  engine.schedule(at(3ns), {7, 2});
  engine.schedule(at(5ns), {7, 3});
  engine.schedule(at(3ns), {7, 4});
  engine.schedule(at(5ns), {7, 5});
  CHECK(engine.pending() == 5);
  CHECK(drain(engine) == std::vector<std::uint32_t>{2, 4, 1, 3, 5});
  CHECK(engine.now() == at(5ns));
  CHECK(engine.pending() == 0);
}

TEST_CASE("engine: the clock stands at the event that came out, and one may be added for now") {
  TagEngine engine;
  CHECK(engine.now() == at(0ns));
  engine.schedule(at(7ns), {7, 1});
  engine.schedule(at(7ns), {7, 2});
  const auto first = engine.next();
  REQUIRE(first->index == 1);
  CHECK(first->kind == 7);
  CHECK(engine.now() == at(7ns));
  engine.schedule(at(7ns), {7, 3});  // after 2, which was there before
  CHECK(drain(engine) == std::vector<std::uint32_t>{2, 3});
}

TEST_CASE("engine: a cancelled event never comes out and moves no clock") {
  TagEngine engine;
  const auto first = engine.schedule(at(1ns), {7, 1});
  engine.schedule(at(2ns), {7, 2});
  const auto last = engine.schedule(at(9ns), {7, 3});
  CHECK(engine.cancel(first));
  CHECK(engine.cancel(last));
  CHECK(engine.pending() == 1);
  CHECK(drain(engine) == std::vector<std::uint32_t>{2});
  CHECK(engine.now() == at(2ns));
}

TEST_CASE("engine: a stale handle cancels nothing, even when its slot serves another event") {
  TagEngine engine;
  CHECK_FALSE(engine.cancel({}));
  const auto old = engine.schedule(at(1ns), {7, 1});
  CHECK(engine.cancel(old));
  CHECK_FALSE(engine.cancel(old));  // twice
  CHECK_FALSE(engine.next().has_value());
  const auto young = engine.schedule(at(2ns), {7, 2});
  REQUIRE(young.slot == old.slot);
  CHECK_FALSE(engine.cancel(old));
  CHECK(engine.next()->index == 2);
  CHECK_FALSE(engine.cancel(young));  // it has come out
}

TEST_CASE("engine: a thousand cancelled timers per live one are swept and change no order") {
  TagEngine engine;
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 100; ++i) {
    engine.schedule(at(Duration{1000 - i}), {7, i});
    for (int j = 0; j < 1000; ++j) REQUIRE(engine.cancel(engine.schedule(at(5000ns), {7, 7777})));
    expected.push_back(99 - i);
  }
  CHECK(engine.pending() == 100);
  CHECK(drain(engine) == expected);
}

TEST_CASE(
    "engine: timeouts of one length stand in a lane, and come in between as if they did not") {
  TagEngine engine;
  const TagEngine::Lane lane = engine.lane(10ns);
  CHECK(engine.lane(10ns) == lane);
  CHECK(engine.lane(11ns) != lane);
  const auto first = engine.schedule(lane, {7, 1});
  engine.schedule(at(10ns), {7, 2});
  engine.schedule(at(4ns), {7, 3});
  engine.schedule(lane, {7, 4});
  CHECK(engine.pending() == 4);
  REQUIRE(engine.next()->index == 3);
  const auto later = engine.schedule(lane, {7, 5});  // due at 14
  engine.schedule(at(14ns), {7, 6});
  CHECK(engine.cancel(first));
  CHECK_FALSE(engine.cancel(first));
  CHECK(engine.pending() == 4);
  CHECK(drain(engine) == std::vector<std::uint32_t>{2, 4, 5, 6});
  CHECK(engine.now() == at(14ns));
  CHECK_FALSE(engine.cancel(later));  // it has come out
}

TEST_CASE("engine: timeouts that are all cancelled move no clock") {
  TagEngine engine;
  const TagEngine::Lane lane = engine.lane(1s);
  for (std::uint32_t i = 0; i < 1000; ++i) {
    const auto handle = engine.schedule(lane, {7, i});
    engine.schedule(engine.now() + 1ns, {7, i});
    REQUIRE(engine.next()->index == i);
    CHECK(engine.cancel(handle));
  }
  CHECK(engine.pending() == 0);
  CHECK_FALSE(engine.next().has_value());
  CHECK(engine.now() == at(1000ns));
}

// The definition, slow: a list, of which the least (time, sequence) is taken.
class ListOracle {
 public:
  void schedule(std::int64_t time, std::uint32_t number) {
    events_.emplace_back(time, sequence_++, number);
  }
  bool cancel(std::uint32_t number) {
    return std::erase_if(events_, [&](const auto& e) { return std::get<2>(e) == number; }) == 1;
  }
  std::tuple<std::int64_t, std::uint64_t, std::uint32_t> next() {
    const auto least = std::min_element(events_.begin(), events_.end());
    const auto event = *least;
    events_.erase(least);
    return event;
  }
  [[nodiscard]] std::size_t size() const { return events_.size(); }

 private:
  std::vector<std::tuple<std::int64_t, std::uint64_t, std::uint32_t>> events_;
  std::uint64_t sequence_ = 0;
};

TEST_CASE("engine: any mix of schedule, cancel and next agrees with a sorted list") {
  const auto seed = GENERATE(range<std::uint64_t>(1, 9));
  CAPTURE(seed);
  Random random{seed};
  TagEngine engine;
  ListOracle oracle;
  std::vector<TagEngine::Handle> handles;
  // Odd seeds schedule far ahead and cancel most; even ones crowd few instants, so that ties rule.
  const std::uint64_t spread = seed % 2 == 1 ? 100'000 : 3;
  const std::array<Duration, 3> waits{Duration{0}, Duration{static_cast<std::int64_t>(spread)},
                                      Duration{static_cast<std::int64_t>(spread * 10)}};
  for (std::uint32_t step = 0; step < 8000; ++step) {
    const std::uint64_t action = random.below(12);
    if (action >= 10) {
      const Duration wait = waits.at(random.below(3));
      const auto number = static_cast<std::uint32_t>(handles.size());
      handles.push_back(engine.schedule(engine.lane(wait), {7, number}));
      oracle.schedule((engine.now() + wait).time_since_epoch().count(), number);
    } else if (action < 5) {
      const Duration ahead{static_cast<std::int64_t>(random.below(spread))};
      const auto number = static_cast<std::uint32_t>(handles.size());
      handles.push_back(engine.schedule(engine.now() + ahead, {7, number}));
      oracle.schedule((engine.now() + ahead).time_since_epoch().count(), number);
    } else if (action < 8 && !handles.empty()) {
      const std::uint64_t which = random.below(handles.size());
      REQUIRE(engine.cancel(handles[which]) == oracle.cancel(static_cast<std::uint32_t>(which)));
    } else if (oracle.size() > 0) {
      const auto [time, sequence, number] = oracle.next();
      const auto event = engine.next();
      REQUIRE(event.has_value());
      REQUIRE(event->index == number);
      REQUIRE(engine.now() == at(Duration{time}));
    }
    REQUIRE(engine.pending() == oracle.size());
  }
  while (oracle.size() > 0) REQUIRE(engine.next()->index == std::get<2>(oracle.next()));
  CHECK_FALSE(engine.next().has_value());
}

}  // namespace
}  // namespace headgate::sim
