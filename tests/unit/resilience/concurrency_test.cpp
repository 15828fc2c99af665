// Expected values are worked by hand from the formulas of Netflix' concurrency-limits.
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/aimd.hpp"
#include "headgate/resilience/concurrency_limit.hpp"
#include "headgate/resilience/gate.hpp"
#include "headgate/resilience/gradient.hpp"
#include "headgate/resilience/vegas.hpp"
#include "steps.hpp"

namespace headgate::resilience {
namespace {

template <class Rule>
Rule make(const typename Rule::Config& config) {
  const auto made = Rule::make(config);
  REQUIRE(made);
  return *made;
}

TEST_CASE("gate: it lets in as many as its limit, and one more for each that leaves") {
  Gate gate{2};
  auto first = gate.enter();
  auto second = gate.enter();
  CHECK(first.in_flight() == 1);
  CHECK(second.in_flight() == 2);
  CHECK_FALSE(gate.enter());
  first.release();
  first.release();  // once only
  CHECK(gate.in_flight() == 1);
  auto third = gate.enter();
  CHECK(third);
  CHECK(third.in_flight() == 2);
  auto one_more = Gate::Permit{};
  CHECK_FALSE(one_more);
  third = std::move(one_more);  // gives its own place back
  CHECK_FALSE(third);
  CHECK(gate.in_flight() == 1);
  third = std::move(second);
  CHECK(third);
  CHECK(third.in_flight() == 2);
  CHECK(gate.in_flight() == 1);
  {
    const auto moved = std::move(third);
    CHECK(gate.in_flight() == 1);
  }
  CHECK(gate.in_flight() == 0);
}

TEST_CASE("gate: a lower limit cancels nobody and lets nobody in until there is room") {
  Gate gate{3};
  std::vector<Gate::Permit> permits;
  for (int i = 0; i < 3; ++i) permits.push_back(gate.enter());
  gate.set_limit(1);
  CHECK(gate.limit() == 1);
  CHECK(gate.in_flight() == 3);
  permits.pop_back();
  permits.pop_back();
  CHECK_FALSE(gate.enter());
  permits.pop_back();
  CHECK(gate.enter());
}

TEST_CASE("gate: two threads and a limit that moves never have more in flight than it allows") {
  // Each permit says how many were in flight with it, in the same atomic step that took the place;
  // and the threads count for themselves who is in.
  Gate gate{1};
  std::atomic<std::uint32_t> inside = 0;
  std::atomic<bool> exceeded = false;
  const auto work = [&] {
    std::optional<Gate::Permit> held;
    for (int i = 0; i < 200'000; ++i) {
      auto permit = gate.enter();
      if (!permit) {
        if (held) inside.fetch_sub(1);
        held.reset();
        continue;
      }
      // 3 is the greatest limit there ever is; at 1 two threads that check first would both enter.
      if (permit.in_flight() > 3 || inside.fetch_add(1) + 1 > 3) exceeded = true;
      if (held) inside.fetch_sub(1);
      held = std::move(permit);
    }
    if (held) inside.fetch_sub(1);
  };
  std::thread one{work};
  std::thread other{work};
  for (std::uint32_t i = 0; i < 20'000; ++i) gate.set_limit(1 + i % 3);
  one.join();
  other.join();
  CHECK_FALSE(exceeded);
  CHECK(gate.in_flight() == 0);
}

TEST_CASE("gate: with room for one, two threads are never in it together") {
  Gate gate{1};
  int plain = 0;  // guarded by the gate: a race would lose counts
  int entered[2] = {0, 0};
  const auto work = [&](int self) {
    while (entered[self] < 20'000) {
      const auto permit = gate.enter();
      if (!permit) {
        std::this_thread::yield();
        continue;
      }
      ++plain;
      ++entered[self];
    }
  };
  std::thread one{work, 0};
  std::thread other{work, 1};
  one.join();
  other.join();
  CHECK(plain == 40'000);
}

TEST_CASE("aimd: one more for a good call, nine tenths for a bad one, within its range") {
  Aimd aimd = make<Aimd>({.range = {.initial = 20, .min = 18, .max = 22}});
  const CallSample busy{.rtt = 1ms, .in_flight = 20, .dropped = false};
  CHECK(aimd.update(busy) == 21);
  CHECK(aimd.update(busy) == 22);
  CHECK(aimd.update(busy) == 22);
  CHECK(aimd.update({.rtt = 1ms, .in_flight = 1, .dropped = true}) == 19);  // 19.8
  CHECK(aimd.update({.rtt = 5s, .in_flight = 19, .dropped = false}) == 20);
  CHECK(aimd.update({.rtt = 5s + 1ns, .in_flight = 19, .dropped = false}) == 18);
  CHECK(aimd.update({.rtt = 1ms, .in_flight = 19, .dropped = true}) == 18);
}

TEST_CASE("aimd: a limit that is less than half used does not grow") {
  Aimd aimd = make<Aimd>({.range = {.initial = 20, .min = 1, .max = 200}});
  CHECK(aimd.update({.rtt = 1ms, .in_flight = 9, .dropped = false}) == 20);
  CHECK(aimd.update({.rtt = 1ms, .in_flight = 10, .dropped = false}) == 21);
  CHECK(aimd.update({.rtt = 1ms, .in_flight = 10, .dropped = false}) == 21);  // 20 < 21
}

TEST_CASE("aimd: with a constant latency it comes to rest at twice what is offered, and one") {
  for (const std::uint32_t offered : {15U, 40U, 77U}) {
    Aimd aimd = make<Aimd>({.range = {.initial = 20, .min = 1, .max = 200}});
    for (int i = 0; i < 1000; ++i) aimd.update({.rtt = 1ms, .in_flight = offered});
    CHECK(aimd.limit() == 2 * offered + 1);  // the first L with 2 * offered < L
  }
}

TEST_CASE("aimd: a server that bears C calls makes a sawtooth of mean 0.95 C") {
  Aimd aimd = make<Aimd>({.range = {.initial = 20, .min = 1, .max = 1000}});
  double sum = 0;
  int samples = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint32_t limit = aimd.limit();
    aimd.update({.rtt = 1ms, .in_flight = limit, .dropped = limit >= 200});
    if (i < 1000) continue;
    sum += limit;
    ++samples;
  }
  CHECK(sum / samples == Approx(190).epsilon(0.01));
}

/// Has seen one call of `rtt0`.
Vegas vegas(std::uint32_t initial, Duration rtt0 = 10ms) {
  Vegas rule = make<Vegas>({.range = {.initial = initial, .min = 1, .max = 1000}});
  Random random{1};
  REQUIRE(rule.update({.rtt = rtt0, .in_flight = initial}, random) == initial);
  return rule;
}

TEST_CASE("vegas: the queue estimate decides between faster, slower and stay") {
  // L = 100: step 2, alpha 6, beta 12. queue = ceil(100 (1 - 10 / rtt)).
  const std::vector<std::pair<Duration, std::uint32_t>> table{
      {10ms, 112},      // 0
      {10'204us, 112},  // ceil(1.999) = 2
      {10'205us, 102},  // ceil(2.009) = 3
      {10'526us, 102},  // ceil(4.997) = 5
      {10'527us, 100},  // ceil(5.006) = 6: alpha
      {11'363us, 100},  // ceil(11.995) = 12: beta
      {11'364us, 98},   // ceil(12.003) = 13
      {1s, 98}};
  for (const auto& [rtt, limit] : table) {
    CAPTURE(rtt.count());
    Vegas rule = vegas(100);
    Random random{1};
    CHECK(rule.update({.rtt = rtt, .in_flight = 100}, random) == limit);
  }
}

TEST_CASE("vegas: a queue of one and the least bit more counts as two") {
  // 99 * (1 - 10'000'017 / 10'102'058) is 1 and a ten-millionth. L = 99: step 1.
  Vegas rule = vegas(99, 10'000'017ns);
  Random random{1};
  CHECK(rule.update({.rtt = 10'102'058ns, .in_flight = 99}, random) == 100);
}

TEST_CASE("vegas: the step is the whole part of the decimal logarithm, at least one") {
  for (const auto& [limit, step] : std::vector<std::pair<std::uint32_t, std::uint32_t>>{
           {4, 1}, {9, 1}, {10, 1}, {99, 1}, {100, 2}, {999, 2}, {1000, 3}}) {
    CAPTURE(limit);
    Vegas rule = vegas(limit);
    Random random{1};
    CHECK(rule.update({.rtt = 1s, .in_flight = 1, .dropped = true}, random) == limit - step);
  }
}

TEST_CASE("vegas: idle it stays, except for a drop; and it keeps to its range") {
  Vegas rule = vegas(100);
  Random random{1};
  CHECK(rule.update({.rtt = 10ms, .in_flight = 49}, random) == 100);
  CHECK(rule.update({.rtt = 1s, .in_flight = 49}, random) == 100);
  CHECK(rule.update({.rtt = 10ms, .in_flight = 49, .dropped = true}, random) == 98);
  CHECK(rule.update({.rtt = 10ms, .in_flight = 49}, random) == 104);  // 98: step 1, beta 6
  Vegas low = vegas(1);
  CHECK(low.update({.rtt = 1s, .in_flight = 1, .dropped = true}, random) == 1);
  Vegas high = vegas(999);
  CHECK(high.update({.rtt = 10ms, .in_flight = 999}, random) == 1000);
}

TEST_CASE("vegas: a faster call is the new idle latency and moves nothing") {
  Vegas rule = vegas(100);
  Random random{1};
  CHECK(rule.update({.rtt = 5ms, .in_flight = 100}, random) == 100);
  CHECK(rule.update({.rtt = 10ms, .in_flight = 100}, random) == 98);  // queue 50 now
}

TEST_CASE("vegas: a server that is slower for good is found out within 30 L calls") {
  Vegas rule = make<Vegas>({.range = {.initial = 10, .min = 10, .max = 1000}, .probe = 30});
  Random random{1};
  rule.update({.rtt = 10ms, .in_flight = 10}, random);
  int calls = 1;
  while (rule.limit() <= 10) {
    REQUIRE(++calls <= 302);
    rule.update({.rtt = 100ms, .in_flight = 10}, random);
  }
  CHECK(calls > 150);  // the jitter is at least one half
}

TEST_CASE("gradient: the first steps are those of the formula") {
  // Constant 10 ms: gradient 1, L' = 0.8 L + 0.2 (L + 4) = L + 0.8.
  Gradient rule = make<Gradient>({});
  const CallSample busy{.rtt = 10ms, .in_flight = 100};
  CHECK(rule.update(busy) == 20);  // 20.8
  CHECK(rule.update(busy) == 21);  // 21.6
  CHECK(rule.update(busy) == 22);  // 22.4
  CHECK(rule.update(busy) == 23);  // 23.2
  CHECK(rule.update(busy) == 23);  // 24.0, rounded down in 2^-16
  CHECK(rule.update(busy) == 24);  // 24.8
}

TEST_CASE("gradient: a latency within the tolerance is borne, one beyond it shrinks the limit") {
  // Ten calls of 100 ms, then one of r: long = 100 + (r - 100) * 2 / 601.
  const auto after = [](Duration rtt) {
    Gradient rule = make<Gradient>({.range = {.initial = 100, .min = 1, .max = 200}, .queue = 0});
    for (int i = 0; i < 10; ++i) rule.update({.rtt = 100ms, .in_flight = 1});
    return rule.update({.rtt = rtt, .in_flight = 100});
  };
  CHECK(after(150ms) == 100);  // 1.5 * 100.166 / 150 = 1.0017
  CHECK(after(160ms) == 98);   // 1.5 * 100.2 / 160 = 0.9394 -> 98.79
  CHECK(after(300ms) == 90);   // 1.5 * 100.67 / 300 = 0.5033 -> 90.07
  CHECK(after(10s) == 90);     // clamped at one half: 90 exactly
}

TEST_CASE("gradient: a call more than twice as fast cuts a twentieth off the average") {
  // Ten of 100 ms, then 40 ms: long = 99.8003, more than twice 40: 94.810. Then 150 ms: long =
  // 94.994, gradient 1.5 * 94.994 / 150 = 0.94994 -> L = 98.998 of 100. Without the cut 0.9997.
  Gradient rule = make<Gradient>({.range = {.initial = 100, .min = 1, .max = 200}, .queue = 0});
  for (int i = 0; i < 10; ++i) rule.update({.rtt = 100ms, .in_flight = 1});
  rule.update({.rtt = 40ms, .in_flight = 1});
  CHECK(rule.update({.rtt = 150ms, .in_flight = 100}) == 98);
  Gradient other = make<Gradient>({.range = {.initial = 100, .min = 1, .max = 200}, .queue = 0});
  for (int i = 0; i < 10; ++i) other.update({.rtt = 100ms, .in_flight = 1});
  other.update({.rtt = 50ms, .in_flight = 1});                   // 99.834 is not more than twice 50
  CHECK(other.update({.rtt = 150ms, .in_flight = 100}) == 100);  // 1.5 * 100.0006 / 150
}

TEST_CASE("gradient: the first ten calls are averaged plainly, later ones by two in 601") {
  // 10 of (10, 20, ..., 100) ms: mean 55. With tolerance 1 and r = 110: gradient (55 + 0.183) /
  // 110 = 0.50166 -> 0.8 * 100 + 0.2 * 50.17 = 90.03; were the tenth exponential, long would be
  // 50.17 and the gradient clamped at one half: 90.0. Seen through a smoothing of 1.
  Gradient rule = make<Gradient>({.range = {.initial = 1000, .min = 1, .max = 1000},
                                  .smoothing = Share{1},
                                  .tolerance = 1,
                                  .queue = 0});
  for (int i = 1; i <= 10; ++i) rule.update({.rtt = i * 10ms, .in_flight = 1});
  CHECK(rule.update({.rtt = 110ms, .in_flight = 1000}) == 501);
}

TEST_CASE(
    "gradient: later calls count by the window, a call of just half the average cuts nothing") {
  const auto make_plain = [] {
    return make<Gradient>({.range = {.initial = 1000, .min = 1, .max = 1000},
                           .smoothing = Share{1},
                           .tolerance = 1,
                           .queue = 0,
                           .long_window = 11});
  };
  // Ten of 100 ms, then 160: long = 100 + 60 * 2 / 12 = 110, gradient 110 / 160 = 0.6875.
  Gradient rule = make_plain();
  for (int i = 0; i < 10; ++i) rule.update({.rtt = 100ms, .in_flight = 1});
  CHECK(rule.update({.rtt = 160ms, .in_flight = 1000}) == 687);
  // The mean of 90 and 30 is 60, twice 30. With 120 it is 80; were it cut, 78.
  Gradient other = make_plain();
  other.update({.rtt = 90ms, .in_flight = 1});
  other.update({.rtt = 30ms, .in_flight = 1});
  CHECK(other.update({.rtt = 120ms, .in_flight = 1000}) == 666);
}

TEST_CASE("gradient: with a constant latency it comes to rest at about twice what is offered") {
  for (const std::uint32_t offered : {15U, 40U, 77U}) {
    Gradient rule = make<Gradient>({});
    for (int i = 0; i < 5000; ++i) rule.update({.rtt = 10ms, .in_flight = offered});
    CHECK(rule.limit() == 2 * offered + 1);
  }
}

TEST_CASE("gradient: it keeps to its range, and bears any latency") {
  Gradient rule = make<Gradient>({.range = {.initial = 20, .min = 15, .max = 22}});
  for (int i = 0; i < 20; ++i) rule.update({.rtt = 10ms, .in_flight = 22});
  CHECK(rule.limit() == 22);
  for (int i = 0; i < 200; ++i) rule.update({.rtt = i % 2 == 0 ? 1ns : 876'000h, .in_flight = 22});
  CHECK(rule.limit() >= 15);
  rule.update({.rtt = -1s, .in_flight = 22});
  for (int i = 0; i < 20; ++i) rule.update({.rtt = 876'000h, .in_flight = 22});
  CHECK(rule.limit() <= 22);
}

TEST_CASE("adaptive concurrency: every rule holds the gate at its limit and moves it") {
  Random random{1};
  const LimitRange range{.initial = 20, .min = 10, .max = 30};
  const std::vector<std::pair<AdaptiveConcurrency::Config, std::uint32_t>> table{
      {FixedLimit{20}, 20},
      {Aimd::Config{.range = range}, 21},
      {Vegas::Config{.range = range}, 26},
      {Gradient::Config{.range = range, .queue = 10}, 22}};
  for (const auto& [config, moved] : table) {
    CAPTURE(config.index());
    const auto made = AdaptiveConcurrency::make(config);
    REQUIRE(made);
    AdaptiveConcurrency& limit = **made;
    if (config.index() == 2) limit.done(limit.enter(), 10ms, false, random);  // the idle latency
    std::vector<Gate::Permit> permits;
    while (auto permit = limit.enter()) permits.push_back(std::move(permit));
    CHECK(permits.size() == 20);
    CHECK(limit.in_flight() == 20);
    limit.done({}, 10ms, true, random);  // no call, nothing learned
    CHECK(limit.limit() == 20);
    limit.done(std::move(permits.back()), 10ms, false, random);
    CHECK(limit.limit() == moved);
    CHECK(limit.in_flight() == 19);
  }
}

TEST_CASE("adaptive concurrency: options out of their range are refused by name") {
  const auto field = [](const AdaptiveConcurrency::Config& config) {
    return refused_field(AdaptiveConcurrency::make(config));
  };
  CHECK(field(FixedLimit{1}) == "made");
  CHECK(field(FixedLimit{1'000'000}) == "made");
  CHECK(field(Aimd::Config{.range = {.initial = 1, .min = 1, .max = 1'000'000}}) == "made");
  CHECK(field(Aimd::Config{.range = {.initial = 3, .min = 3, .max = 3}}) == "made");
  CHECK(field(Aimd::Config{.backoff = Share{0.5}}) == "made");
  CHECK(field(Aimd::Config{.timeout = 1ns}) == "made");
  CHECK(field(Vegas::Config{.probe = 1}) == "made");
  CHECK(field(Vegas::Config{.probe = 1'000'000}) == "made");
  CHECK(field(Gradient::Config{.smoothing = Share{0.001}}) == "made");
  CHECK(field(Gradient::Config{.smoothing = Share{1}}) == "made");
  CHECK(field(Gradient::Config{.smoothing = Share{1.01}}) == "smoothing");
  CHECK(field(Gradient::Config{.tolerance = 1}) == "made");
  CHECK(field(Gradient::Config{.tolerance = 10}) == "made");
  CHECK(field(Gradient::Config{.queue = 1000}) == "made");
  CHECK(field(Gradient::Config{.long_window = 11}) == "made");
  CHECK(field(Gradient::Config{.long_window = 1'000'000}) == "made");
  CHECK(field(FixedLimit{0}) == "limit");
  CHECK(field(FixedLimit{1'000'001}) == "limit");
  CHECK(field(Aimd::Config{.range = {.initial = 1, .min = 0, .max = 2}}) == "min");
  CHECK(field(Aimd::Config{.range = {.initial = 2, .min = 3, .max = 4}}) == "initial");
  CHECK(field(Aimd::Config{.range = {.initial = 5, .min = 3, .max = 4}}) == "initial");
  CHECK(field(Aimd::Config{.range = {.initial = 3, .min = 3, .max = 2}}) == "max");
  CHECK(field(Aimd::Config{.range = {.initial = 3, .min = 3, .max = 1'000'001}}) == "max");
  CHECK(field(Aimd::Config{.backoff = Share{0.49}}) == "backoff");
  CHECK(field(Aimd::Config{.backoff = Share{1}}) == "backoff");
  CHECK(field(Aimd::Config{.timeout = 0s}) == "timeout");
  CHECK(field(Vegas::Config{.probe = 0}) == "probe");
  CHECK(field(Vegas::Config{.probe = 1'000'001}) == "probe");
  CHECK(field(Gradient::Config{.smoothing = Share{0}}) == "smoothing");
  CHECK(field(Gradient::Config{.tolerance = 0.9}) == "tolerance");
  CHECK(field(Gradient::Config{.tolerance = 10.1}) == "tolerance");
  CHECK(field(Gradient::Config{.queue = 1001}) == "queue");
  CHECK(field(Gradient::Config{.long_window = 10}) == "long_window");
  CHECK(field(Gradient::Config{.long_window = 1'000'001}) == "long_window");
}

}  // namespace
}  // namespace headgate::resilience
