#include <catch2/catch.hpp>
#include <cmath>
#include <deque>
#include <utility>
#include <vector>

#include "headgate/resilience/adaptive_lifo.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/codel.hpp"
#include "steps.hpp"

namespace headgate::resilience {
namespace {

// --- CoDel, by RFC 8289

Codel make_codel() {
  const auto made = Codel::make({.target = 5ms, .interval = 100ms});
  REQUIRE(made);
  return *made;
}

TEST_CASE("codel: the root is the greatest whole number whose square is not above") {
  for (std::uint64_t n = 0; n < 5000; ++n) {
    const std::uint64_t root = integer_sqrt(n);
    REQUIRE(root * root <= n);
    REQUIRE((root + 1) * (root + 1) > n);
  }
  CHECK(integer_sqrt(static_cast<Uint128>(UINT64_MAX) * UINT64_MAX) == UINT64_MAX);
  CHECK(integer_sqrt(static_cast<Uint128>(UINT64_MAX) * UINT64_MAX - 1) == UINT64_MAX - 1);
  CHECK(integer_sqrt(~Uint128{0}) == UINT64_MAX);
  CHECK(integer_sqrt(Uint128{1} << 64) == std::uint64_t{1} << 32);
}

TEST_CASE("codel: a standing queue loses one after an interval, then one each interval / sqrt(n)") {
  // A request is taken out every 100 us and has waited for 50 ms. The waits between drops are 100,
  // 70.711, 57.735, 50, 44.721, 40.825, 37.796, 35.355 ms; a drop falls on the first request at or
  // after its time, and the next is counted from the time planned.
  Codel codel = make_codel();
  std::vector<double> drops_ms;
  for (Duration now = 0us; now < 600ms; now += 100us) {
    if (codel.dequeue(50ms, false, at(now)))
      drops_ms.push_back(static_cast<double>(now.count()) / 1e6);
  }
  std::vector<double> expected{100};
  double due = 100;
  for (int n = 1; due + 100 / std::sqrt(n) < 600; ++n) {
    due += 100 / std::sqrt(n);
    expected.push_back(std::ceil(due * 10 - 1e-9) / 10);
  }
  REQUIRE(expected.size() >= 9);
  CHECK(expected[1] == 200);
  CHECK(expected[2] == 270.8);
  CHECK(expected[3] == 328.5);
  REQUIRE(drops_ms.size() == expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(drops_ms[i] == Approx(expected[i]));
  CHECK(codel.shed() == drops_ms.size());
}

TEST_CASE("codel: one short wait within the interval, and nothing is shed") {
  Codel codel = make_codel();
  for (Duration now = 0ms; now < 10s; now += 1ms) {
    const bool is_short = now % 99ms == 0ms;
    REQUIRE_FALSE(codel.dequeue(is_short ? Duration{5ms} - 1ns : Duration{1s}, false, at(now)));
  }
}

TEST_CASE("codel: a wait of just the target stands, and a queue left empty does not") {
  Codel codel = make_codel();
  CHECK_FALSE(codel.dequeue(5ms, false, at(0ms)));
  CHECK_FALSE(codel.dequeue(5ms, false, at(100ms) - 1ns));
  CHECK(codel.dequeue(5ms, false, at(100ms)));
  CHECK(codel.is_shedding());
  CHECK_FALSE(codel.dequeue(1h, true, at(200ms)));
  CHECK_FALSE(codel.is_shedding());
  Codel emptied = make_codel();
  CHECK_FALSE(emptied.dequeue(50ms, false, at(0ms)));
  emptied.on_empty();
  CHECK_FALSE(emptied.dequeue(50ms, false, at(100ms)));
  CHECK(emptied.dequeue(50ms, false, at(200ms)));
  emptied.on_empty();
  CHECK_FALSE(emptied.is_shedding());
}

TEST_CASE("codel: after the first drop of a spell the next request passes") {
  Codel codel = make_codel();
  static_cast<void>(codel.dequeue(50ms, false, at(0ms)));
  CHECK(codel.dequeue(50ms, false, at(100ms)));
  CHECK_FALSE(codel.dequeue(50ms, false, at(100ms)));
}

TEST_CASE("codel: late, it sheds several at one instant until it has caught up") {
  // The drops after 100 ms are due at 200, 270.711, 328.446, 378.446, 423.167 ms.
  Codel codel = make_codel();
  static_cast<void>(codel.dequeue(50ms, false, at(0ms)));
  REQUIRE(codel.dequeue(50ms, false, at(100ms)));
  int shed = 0;
  while (codel.dequeue(50ms, false, at(400ms))) ++shed;
  CHECK(shed == 4);
  CHECK_FALSE(codel.dequeue(50ms, false, at(423'166us)));
  CHECK(codel.dequeue(50ms, false, at(423'168us)));
}

/// Drops at 100, 200, 270.711, 328.446 ms, then the queue empties.
Codel after_a_spell() {
  Codel codel = make_codel();
  for (Duration now = 0ms; now < 330ms; now += 1ms) {
    static_cast<void>(codel.dequeue(50ms, false, at(now)));
  }
  REQUIRE(codel.shed() == 4);
  codel.on_empty();
  return codel;
}

TEST_CASE("codel: a spell soon after another goes on at its rate, a later one begins anew") {
  // RFC 8289: count was 4 and had begun at 1, so it goes on with 3: the second drop follows after
  // 57.735 ms. Later than 16 intervals it is 100 ms again.
  Codel soon = after_a_spell();
  static_cast<void>(soon.dequeue(50ms, false, at(400ms)));
  REQUIRE(soon.dequeue(50ms, false, at(500ms)));
  CHECK_FALSE(soon.dequeue(50ms, false, at(557'735us)));
  CHECK(soon.dequeue(50ms, false, at(557'736us)));
  Codel late = after_a_spell();
  static_cast<void>(late.dequeue(50ms, false, at(2s)));
  REQUIRE(late.dequeue(50ms, false, at(2100ms)));
  CHECK_FALSE(late.dequeue(50ms, false, at(2200ms) - 1ns));
  CHECK(late.dequeue(50ms, false, at(2200ms)));
}

TEST_CASE("codel: sixteen intervals after the last planned drop a spell begins anew") {
  // It was planned for 100 + 100 + 70.710'678 + 57.735'026 ms. The second drop of the next spell
  // follows after 100 ms, or a nanosecond earlier after 57.735'026 ms.
  for (const auto& [begun, gap] : std::vector<std::pair<Duration, Duration>>{
           {1'928'445'704ns, 100ms}, {1'928'445'703ns, 57'735'026ns}}) {
    Codel codel = after_a_spell();
    static_cast<void>(codel.dequeue(50ms, false, at(begun - 100ms)));
    REQUIRE(codel.dequeue(50ms, false, at(begun)));
    CHECK_FALSE(codel.dequeue(50ms, false, at(begun + gap - 1ns)));
    CHECK(codel.dequeue(50ms, false, at(begun + gap)));
  }
}

TEST_CASE("codel: options out of their range are refused by name") {
  const auto field = [](Duration target, Duration interval) {
    return refused_field(Codel::make({.target = target, .interval = interval}));
  };
  CHECK(field(5ms, 5ms) == "made");
  CHECK(field(0ms, 5ms) == "target");
  CHECK(field(5ms, 4ms) == "interval");
  CHECK(field(5ms, 1h + 1ns) == "interval");
}

// --- adaptive LIFO

AdaptiveLifo make_line(std::uint32_t capacity = 10) {
  auto made = AdaptiveLifo::make({.capacity = capacity, .target = 5ms, .interval = 100ms});
  REQUIRE(made);
  return *std::move(made);
}

std::uint64_t served(AdaptiveLifo& line, TimePoint now) {
  const auto taken = line.pop(now);
  REQUIRE(taken);
  REQUIRE_FALSE(taken->shed);
  return taken->id;
}

TEST_CASE("adaptive lifo: while the line gets empty, first come is first served") {
  AdaptiveLifo line = make_line();
  for (std::uint64_t round = 0; round < 10; ++round) {
    const TimePoint now = at(round * 50ms);
    for (std::uint64_t id = 0; id < 3; ++id) REQUIRE(line.push(id, now));
    CHECK_FALSE(line.is_overloaded(now));
    for (std::uint64_t id = 0; id < 3; ++id) CHECK(served(line, now + 40ms) == id);
    CHECK_FALSE(line.pop(now + 40ms));
  }
}

TEST_CASE("adaptive lifo: once it has not been empty for the interval, the newest comes first") {
  AdaptiveLifo line = make_line();
  REQUIRE(line.push(1, at(0ms)));
  REQUIRE(line.push(2, at(50ms)));
  CHECK_FALSE(line.is_overloaded(at(100ms) - 1ns));
  CHECK(line.is_overloaded(at(100ms)));
  REQUIRE(line.push(3, at(100ms)));
  CHECK(served(line, at(100ms)) == 3);
  REQUIRE(line.push(4, at(101ms)));
  const auto too_late = line.pop(at(106ms));  // 4 was given 5 ms
  REQUIRE(too_late);
  CHECK(too_late->id == 4);
  CHECK(too_late->shed);
  CHECK(served(line, at(106ms)) == 2);  // 2 was given 100 ms, at 50 ms
}

TEST_CASE("adaptive lifo: nobody is served after the time given, and the oldest is timed out") {
  AdaptiveLifo line = make_line();
  CHECK(line.next_timeout() == TimePoint::max());
  CHECK_FALSE(line.on_timeout(at(1h)));
  REQUIRE(line.push(1, at(0ms)));
  REQUIRE(line.push(2, at(10ms)));
  CHECK(line.next_timeout() == at(100ms));
  CHECK_FALSE(line.on_timeout(at(100ms) - 1ns));
  CHECK(line.on_timeout(at(100ms)) == 1U);
  CHECK_FALSE(line.on_timeout(at(100ms)));
  CHECK(line.next_timeout() == at(110ms));
  const auto late = line.pop(at(110ms));
  REQUIRE(late);
  CHECK(late->id == 2);
  CHECK(late->shed);
  CHECK(line.size() == 0);
}

TEST_CASE("adaptive lifo: an emptied line is not overloaded any more") {
  AdaptiveLifo line = make_line();
  REQUIRE(line.push(1, at(0ms)));
  REQUIRE(line.is_overloaded(at(1s)));
  REQUIRE(line.pop(at(1s)));
  CHECK_FALSE(line.is_overloaded(at(1s)));
  CHECK_FALSE(line.is_overloaded(at(1h)));
  REQUIRE(line.push(2, at(2s)));
  CHECK_FALSE(line.is_overloaded(at(2s)));
  CHECK(line.next_timeout() == at(2s + 100ms));
}

TEST_CASE("adaptive lifo: a full line takes nobody, and its ring goes round") {
  AdaptiveLifo line = make_line(3);
  std::deque<std::uint64_t> expected;
  std::uint64_t next = 0;
  Random random{4};
  for (int i = 0; i < 1000; ++i) {
    if (random.below(2) == 0) {
      const bool taken = line.push(next, at(0ms));
      REQUIRE(taken == (expected.size() < 3));
      if (taken) expected.push_back(next);
      ++next;
    } else if (const auto taken = line.pop(at(0ms))) {
      REQUIRE(taken->id == expected.front());
      expected.pop_front();
    } else {
      REQUIRE(expected.empty());
    }
    REQUIRE(line.size() == expected.size());
  }
}

TEST_CASE("adaptive lifo: options out of their range are refused by name") {
  const auto field = [](std::uint32_t capacity, Duration target, Duration interval) {
    return refused_field(
        AdaptiveLifo::make({.capacity = capacity, .target = target, .interval = interval}));
  };
  CHECK(field(1, 5ms, 5ms) == "made");
  CHECK(field(1'000'000, 1ns, 1h) == "made");
  CHECK(field(0, 5ms, 5ms) == "capacity");
  CHECK(field(1'000'001, 5ms, 5ms) == "capacity");
  CHECK(field(1, 0ms, 5ms) == "target");
  CHECK(field(1, 5ms, 4ms) == "interval");
  CHECK(field(1, 5ms, 2h) == "interval");
}

// --- client-side throttling

ClientThrottle make_throttle(double k = 2, std::uint32_t min_requests = 0) {
  const auto made = ClientThrottle::make({.k = k, .window = 120s, .min_requests = min_requests});
  REQUIRE(made);
  return *made;
}

TEST_CASE("client throttle: the chance is that of the equation") {
  // p = max(0, (requests - K accepts) / (requests + 1))
  Random random{1};
  ClientThrottle throttle = make_throttle();
  const auto chance = [&] {
    const auto at_once = throttle.chance(at(0s));
    return static_cast<double>(at_once.refused) / static_cast<double>(at_once.of);
  };
  CHECK(chance() == 0);
  for (int i = 0; i < 100; ++i) static_cast<void>(throttle.allow(at(0s), random));
  CHECK(chance() == Approx(100.0 / 101));
  for (int i = 0; i < 30; ++i) throttle.accepted(at(0s));
  CHECK(chance() == Approx(40.0 / 101));
  for (int i = 0; i < 20; ++i) throttle.accepted(at(0s));
  CHECK(chance() == 0);
  throttle.accepted(at(0s));
  CHECK(chance() == 0);
}

TEST_CASE("client throttle: where half is accepted with K = 2, nothing is refused at home") {
  Random random{1};
  ClientThrottle throttle = make_throttle(GENERATE(2.0, 1.9996));  // to the nearest thousandth
  for (int i = 0; i < 10'000; ++i) {
    throttle.accepted(at(0s));
    REQUIRE(throttle.allow(at(0s), random));
    REQUIRE(throttle.allow(at(0s), random));
  }
  CHECK(throttle.refusals() == 0);
}

TEST_CASE("client throttle: at ten times too many requests, 80 % end at home") {
  // In balance the server sees K times what it accepts: with K = 2 and a tenth accepted, a fifth.
  Random random{1};
  ClientThrottle throttle = make_throttle();
  int allowed = 0;
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    const TimePoint now = at(i * 1ms);
    const bool sent = throttle.allow(now, random);
    if (sent && accepted * 10 <= i) {  // 100 of 1000 a second
      throttle.accepted(now);
      ++accepted;
    }
    if (i >= 100'000 && sent) ++allowed;
  }
  CHECK(allowed / 100'000.0 == Approx(0.2).epsilon(0.03));
}

TEST_CASE("client throttle: too few requests to tell are all sent, and old ones are forgotten") {
  Random random{1};
  ClientThrottle throttle = make_throttle(2, 10);
  for (int i = 0; i < 10; ++i) CHECK(throttle.allow(at(0s), random));
  CHECK(throttle.chance(at(0s)).refused > 0);
  CHECK(throttle.chance(at(120s) - 1ns).refused > 0);
  CHECK(throttle.chance(at(120s)).refused == 0);
  int refused = 0;
  for (int i = 0; i < 100; ++i) refused += throttle.allow(at(0s), random) ? 0 : 1;
  CHECK(throttle.refusals() == static_cast<std::uint64_t>(refused));
}

TEST_CASE("client throttle: a draw of just the chance passes, one less is refused") {
  // One request, none accepted: refused is the draw of 0 to 999 of 2000.
  const auto allowed = [](std::uint64_t draw) {
    std::uint64_t seed = 0;
    while (Random{seed}.below(2000) != draw) ++seed;
    Random random{seed};
    ClientThrottle throttle = make_throttle();
    REQUIRE(throttle.allow(at(0s), random));  // p is 0: nothing is drawn
    return throttle.allow(at(0s), random);
  };
  CHECK(allowed(1000));
  CHECK_FALSE(allowed(999));
}

TEST_CASE("client throttle: options out of their range are refused by name") {
  const auto field = [](double k, Duration window) {
    return refused_field(ClientThrottle::make({.k = k, .window = window}));
  };
  CHECK(field(1.001, 1s) == "made");
  CHECK(field(100, 1h) == "made");
  CHECK(field(1, 1s) == "k");
  CHECK(field(101, 1s) == "k");
  CHECK(field(2, 999ms) == "window");
  CHECK(field(2, 1h + 1ns) == "window");
}

}  // namespace
}  // namespace headgate::resilience
