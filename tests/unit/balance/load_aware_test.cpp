// The policies that compare loads, against their definitions written the slow way.
#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <numeric>
#include <vector>

#include "headgate/balance/least_requests.hpp"
#include "headgate/balance/least_response_time.hpp"
#include "headgate/balance/peak_ewma.hpp"
#include "headgate/balance/weighted_least_requests.hpp"
#include "headgate/balance/weighted_random.hpp"
#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

// --- least requests ------------------------------------------------------------------------------

/// The indices that a pick may return, by looking at each target.
std::vector<std::size_t> least_loaded(const std::vector<Target>& targets) {
  std::vector<std::size_t> best;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (!targets[i].available) continue;
    if (!best.empty() && targets[i].in_flight > targets[best[0]].in_flight) continue;
    if (!best.empty() && targets[i].in_flight < targets[best[0]].in_flight) best.clear();
    best.push_back(i);
  }
  return best;
}

TEST_CASE("least requests: the pick is among the least loaded of a slow scan, for any length") {
  Random random{21};
  LeastRequests policy;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<Target> targets(random.below(14));
    for (Target& target : targets) {
      target.in_flight = static_cast<std::uint32_t>(random.below(6));
      target.available = random.below(4) != 0;
    }
    const std::vector<std::size_t> expected = least_loaded(targets);
    const auto picked = policy.pick(targets, {}, random);
    REQUIRE(picked.has_value() == !expected.empty());
    if (picked) REQUIRE(std::ranges::count(expected, *picked) == 1);
  }
}

TEST_CASE("least requests: an unavailable idle target is passed over for the busiest other") {
  Random random{22};
  LeastRequests policy;
  auto three = loaded({0, 0xffff'fffe, 0});
  three[0].available = three[2].available = false;
  CHECK(policy.pick(three, {}, random) == 1U);
}

TEST_CASE("least requests: in long lists too the pick is one of the least loaded, each alike") {
  // 150 targets: more than two blocks of the search and a rest.
  Random random{34};
  LeastRequests policy;
  std::vector<Target> targets(150, {.in_flight = 7});
  const std::vector<std::size_t> least{0, 63, 64, 127, 128, 131, 148, 149};
  for (const std::size_t index : least) targets[index].in_flight = 3;
  targets[66] = {.in_flight = 0, .available = false};
  std::vector<int> counts(150);
  for (int i = 0; i < 80'000; ++i) ++counts[policy.pick(targets, {}, random).value()];
  std::vector<int> of_least;
  for (const std::size_t index : least) of_least.push_back(counts[index]);
  CHECK(chi_square(of_least, std::vector<double>(8, 0.125)) < 24.32);  // 7 degrees of freedom
  CHECK(std::accumulate(of_least.begin(), of_least.end(), 0) == 80'000);
}

TEST_CASE("least requests: where one alone is the least loaded nothing is drawn") {
  Random random{35};
  Random same{35};
  LeastRequests policy;
  CHECK(policy.pick(loaded({2, 1, 2}), {}, random) == 1U);
  CHECK(random.bits() == same.bits());
}

TEST_CASE("least requests: each of the least loaded is as likely as the others") {
  Random random{23};
  LeastRequests policy;
  auto targets = loaded({1, 3, 1, 1, 2, 9, 1, 1, 1});
  targets[2].available = false;
  std::array<int, 9> counts{};
  for (int i = 0; i < 50'000; ++i) ++counts[policy.pick(targets, {}, random).value()];
  const std::vector<double> fifths(5, 0.2);
  CHECK(chi_square(std::array{counts[0], counts[3], counts[6], counts[7], counts[8]}, fifths) <
        18.47);  // 4 degrees of freedom
  CHECK(counts[1] + counts[2] + counts[4] + counts[5] == 0);
}

// --- weighted random -----------------------------------------------------------------------------

TEST_CASE("weighted random: shares are in proportion to the weights") {
  Random random{24};
  WeightedRandom policy;
  policy.rebuild(weighted({5, 1, 1, 13, 80}));
  const auto five = idle(5);
  std::array<int, 5> counts{};
  for (int i = 0; i < 500'000; ++i) ++counts[policy.pick(five, {}, random).value()];
  CHECK(chi_square(counts, std::array{0.05, 0.01, 0.01, 0.13, 0.80}) < 18.47);
  // Here those who fill up others' columns end below a column themselves, one after the other.
  policy.rebuild(weighted({1, 3, 2, 4, 5}));
  counts = {};
  for (int i = 0; i < 500'000; ++i) ++counts[policy.pick(five, {}, random).value()];
  CHECK(chi_square(counts, std::array{1 / 15.0, 0.2, 2 / 15.0, 4 / 15.0, 1 / 3.0}) < 18.47);
}

TEST_CASE("weighted random: who is available shares in proportion to the weights left") {
  Random random{25};
  WeightedRandom policy;
  policy.rebuild(weighted({5, 1, 3, 1000}));
  auto four = idle(4);
  four[3].available = false;  // 99 % of the draws hit it: the scan decides
  std::array<int, 4> counts{};
  for (int i = 0; i < 90'000; ++i) ++counts[policy.pick(four, {}, random).value()];
  CHECK(counts[3] == 0);
  CHECK(chi_square(std::span{counts}.first(3), std::array{5 / 9.0, 1 / 9.0, 3 / 9.0}) < 13.82);
}

TEST_CASE("weighted random: equal weights are uniform, one target is always it") {
  Random random{26};
  WeightedRandom policy;
  policy.rebuild(weighted({7, 7, 7, 7}));
  std::array<int, 4> counts{};
  const auto four = idle(4);
  for (int i = 0; i < 40'000; ++i) ++counts[policy.pick(four, {}, random).value()];
  CHECK(chi_square(counts, std::vector<double>(4, 0.25)) < 16.27);  // 3 degrees of freedom
  policy.rebuild(weighted({1'000'000}));
  for (int i = 0; i < 100; ++i) CHECK(policy.pick(idle(1), {}, random) == 0U);
}

// --- weighted least requests ---------------------------------------------------------------------

/// The letters of the picks, with nothing ever in flight: a for target 0.
std::string turns(WeightedLeastRequests& policy, const std::vector<Target>& targets, int picks) {
  Random random{27};
  std::string letters;
  for (int i = 0; i < picks; ++i) {
    letters += static_cast<char>('a' + policy.pick(targets, {}, random).value());
  }
  return letters;
}

TEST_CASE("weighted least requests: idle targets take the turns of nginx's smooth round robin") {
  // The table of nginx's commit 52327e0627f4 for weights 5, 1, 1.
  for (const double bias : {0.0, 1.0, 2.5}) {
    WeightedLeastRequests policy{bias};
    policy.rebuild(weighted({5, 1, 1}));
    CHECK(turns(policy, idle(3), 14) == "aabacaaaabacaa");
  }
}

TEST_CASE("weighted least requests: bias 0 does not look at requests in flight") {
  WeightedLeastRequests policy{0};
  policy.rebuild(weighted({5, 1, 1}));
  CHECK(turns(policy, loaded({100, 0, 3}), 7) == "aabacaa");
}

TEST_CASE("weighted least requests: with bias 1 a target with n in flight weighs an (n+1)th") {
  // Weights 4, 1, 1 with 3, 0, 0 in flight weigh 1, 1, 1: they take plain turns.
  WeightedLeastRequests policy{1};
  policy.rebuild(weighted({4, 1, 1}));
  CHECK(turns(policy, loaded({3, 0, 0}), 9) == "abcabcabc");
  // 1 and 7 in flight of weights 1 and 1 weigh 4 to 1: smooth turns of a a b a a.
  WeightedLeastRequests pair{1};
  pair.rebuild(weighted({1, 1}));
  CHECK(turns(pair, loaded({1, 7}), 10) == "aabaaaabaa");
}

TEST_CASE("weighted least requests: bias 2 squares, and a very busy target still gets its turn") {
  // 1 in flight weighs a quarter.
  WeightedLeastRequests policy{2};
  policy.rebuild(weighted({1, 1}));
  CHECK(turns(policy, loaded({0, 1}), 10) == "aabaaaabaa");
  // 1023 and more in flight weigh 1024^-1: one turn in 1025.
  WeightedLeastRequests busy{1};
  busy.rebuild(weighted({1, 1}));
  for (const std::uint32_t in_flight : {1023U, 5'000'000U}) {
    const std::string letters = turns(busy, loaded({0, in_flight}), 10'250);
    CHECK(std::ranges::count(letters, 'b') == 10);
  }
  // 1024^-4 is 2^-40, below the resolution: the least weight is 2^-24.
  WeightedLeastRequests steep{4};
  steep.rebuild(weighted({1, 1}));
  CHECK(turns(steep, loaded({5000, 5000}), 4) == "abab");
}

TEST_CASE("weighted least requests: the unavailable earn no credit, the others share alike") {
  WeightedLeastRequests policy{1};
  policy.rebuild(weighted({2, 2, 1}));
  auto three = idle(3);
  three[0].available = false;
  CHECK(turns(policy, three, 6) == "bcbbcb");
  three[0].available = true;
  CHECK(std::ranges::count(turns(policy, three, 50), 'a') == 20);
  for (Target& target : three) target.available = false;
  Random random{28};
  CHECK_FALSE(policy.pick(three, {}, random));
}

TEST_CASE("weighted least requests: credit stays with its target when the list changes") {
  WeightedLeastRequests policy{1};
  policy.rebuild(weighted({5, 1, 1}));
  CHECK(turns(policy, idle(3), 2) == "aa");
  // Credits -4, 2, 2. With the list turned round and the target of weight 5 last, the turns that
  // are left of nginx's seven are those of the two light ones and three of the heavy one.
  policy.rebuild(std::vector<TargetInfo>{{.id = 3}, {.id = 2}, {.id = 1, .weight = 5}});
  CHECK(turns(policy, idle(3), 5) == "acbcc");
}

// --- peak EWMA and least response time -----------------------------------------------------------

TEST_CASE("peak ewma: of two targets the one with less latency times requests is always taken") {
  Random random{29};
  PeakEwma policy{{}};
  policy.rebuild(named({1, 2}));
  policy.done(0, {.latency = 10ms}, TimePoint{1s});
  policy.done(1, {.latency = 30ms}, TimePoint{1s});
  const auto pick = [&](std::uint32_t first, std::uint32_t second) {
    return policy.pick(loaded({first, second}), {.now = TimePoint{1s}}, random).value();
  };
  for (int i = 0; i < 100; ++i) {
    REQUIRE(pick(0, 0) == 0);
    REQUIRE(pick(1, 0) == 0);  // 20 to 30
    REQUIRE(pick(3, 0) == 1);  // 40 to 30
    REQUIRE(pick(4, 1) == 0);  // 50 to 60
    REQUIRE(pick(6, 1) == 1);  // 70 to 60
  }
}

TEST_CASE("peak ewma: one slow answer turns the traffic away, and time brings it back") {
  Random random{30};
  PeakEwma policy{{.decay = 1s}};
  policy.rebuild(named({1, 2}));
  TimePoint now{};
  for (int i = 0; i < 100; ++i) {
    policy.done(0, {.latency = 10ms}, now += 10ms);
    policy.done(1, {.latency = 11ms}, now);
  }
  const auto pick = [&] { return policy.pick(idle(2), {.now = now}, random).value(); };
  CHECK(pick() == 0);
  policy.done(0, {.latency = 500ms}, now);
  CHECK(pick() == 1);
  // 500 e^-t < 11 from t = ln(500/11) = 3.82 s on, while the other is asked and stays at 11.
  for (int i = 0; i < 380; ++i) policy.done(1, {.latency = 11ms}, now += 10ms);
  CHECK(pick() == 1);
  for (int i = 0; i < 5; ++i) policy.done(1, {.latency = 11ms}, now += 10ms);
  CHECK(pick() == 0);
}

TEST_CASE("peak ewma: a target that fails at once is not taken for the fastest") {
  // The black hole of ingress-nginx issue 5540: 1 of 4 targets fails in a microsecond.
  Random random{31};
  PeakEwma policy{{}};
  policy.rebuild(named({1, 2, 3, 4}));
  std::array<int, 4> counts{};
  TimePoint now{};
  for (int i = 0; i < 10'000; ++i) {
    const std::size_t picked = policy.pick(idle(4), {.now = now += 1ms}, random).value();
    ++counts[picked];
    policy.done(picked, {.latency = picked == 2 ? 1us : 20ms, .failed = picked == 2}, now);
  }
  CHECK(counts[2] < 20);
}

TEST_CASE("least response time: the fastest for its weight takes all, also far down the list") {
  Random random{32};
  LeastResponseTime policy{{}};
  policy.rebuild(weighted({1, 1, 3, 1}));
  const Call call{.now = TimePoint{1s}};
  policy.done(0, {.latency = 40ms}, call.now);
  policy.done(1, {.latency = 20ms}, call.now);
  policy.done(2, {.latency = 50ms}, call.now);  // a third of 50 is less than 20
  policy.done(3, {.latency = 25ms}, call.now);
  CHECK(policy.pick(idle(4), call, random) == 2U);
  CHECK(policy.pick(loaded({0, 0, 1, 0}), call, random) == 1U);  // 33.3 to 20
  CHECK(policy.pick(loaded({0, 1, 1, 0}), call, random) == 3U);  // 40, 33.3, 25
  auto down = loaded({0, 1, 1, 0});
  down[3].available = false;
  CHECK(policy.pick(down, call, random) == 2U);
}

TEST_CASE("least response time: after equals of other weights a faster one is still found") {
  Random random{36};
  LeastResponseTime policy{{}};
  policy.rebuild(weighted({1, 2, 1}));
  const Call call{.now = TimePoint{1s}};
  policy.done(0, {.latency = 10ms}, call.now);
  // As the first, for its weight: a load is the latency and a nanosecond.
  policy.done(1, {.latency = 20ms + 1ns}, call.now);
  policy.done(2, {.latency = 7ms}, call.now);
  for (int i = 0; i < 100; ++i) CHECK(policy.pick(idle(3), call, random) == 2U);
}

TEST_CASE("least response time: equals are drawn, each alike") {
  Random random{33};
  LeastResponseTime policy{{}};
  policy.rebuild(named({1, 2, 3, 4, 5}));
  const Call call{.now = TimePoint{1s}};
  for (std::size_t i = 0; i < 5; ++i) {
    policy.done(i, {.latency = i == 1 ? 9ms : 5ms}, call.now);
  }
  std::array<int, 5> counts{};
  for (int i = 0; i < 40'000; ++i) ++counts[policy.pick(idle(5), call, random).value()];
  CHECK(counts[1] == 0);
  CHECK(chi_square(std::array{counts[0], counts[2], counts[3], counts[4]},
                   std::vector<double>(4, 0.25)) < 16.27);
}

}  // namespace
}  // namespace headgate::balance
