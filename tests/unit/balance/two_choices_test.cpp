#include "headgate/balance/two_choices.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <set>
#include <vector>

#include "headgate/balance/least_requests.hpp"
#include "headgate/balance/random_choice.hpp"
#include "headgate/balance/round_robin.hpp"

namespace headgate::balance {
namespace {

std::vector<Target> targets(std::size_t count) { return std::vector<Target>(count); }

double chi_square(const std::vector<int>& counts, double expected) {
  double sum = 0;
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

TEST_CASE("round robin: the targets take turns in their order") {
  RoundRobin balancer;
  Random random{1};
  const auto three = targets(3);
  for (int i = 0; i < 7; ++i)
    CHECK(balancer.pick(three, {}, random) == static_cast<std::size_t>(i % 3));
}

TEST_CASE("round robin: the share of an unavailable target goes to all the others alike") {
  RoundRobin balancer;
  Random random{1};
  auto four = targets(4);
  four[1].available = false;
  std::vector<int> counts(4);
  for (int i = 0; i < 300; ++i) ++counts[balancer.pick(four, {}, random).value()];
  CHECK(counts == std::vector<int>{100, 0, 100, 100});
}

TEST_CASE("round robin: the list of targets may shrink and grow between picks") {
  RoundRobin balancer;
  Random random{1};
  const std::vector<TargetInfo> infos(5);
  const auto pick_of = [&](std::size_t count) {
    balancer.rebuild(std::span{infos}.first(count));
    return balancer.pick(targets(count), {}, random);
  };
  for (std::size_t i = 0; i < 4; ++i) CHECK(pick_of(5) == i);
  CHECK(pick_of(2) == 0U);
  CHECK(pick_of(3) == 1U);
  CHECK(pick_of(3) == 2U);
  CHECK(pick_of(3) == 0U);
}

TEST_CASE("two choices: of two targets it always takes the less loaded") {
  // With replacement it would be half the time at best three in four (envoy issue 20420).
  TwoChoices balancer;
  Random random{1};
  auto two = targets(2);
  two[0].in_flight = 5;
  two[1].in_flight = 4;
  for (int i = 0; i < 10'000; ++i) REQUIRE(balancer.pick(two, {}, random) == 1U);
}

TEST_CASE("two choices: the most loaded target is never picked, and the others by their rank") {
  // Loads 0 to n-1: target i wins the pairs with the n-1-i more loaded ones, of n (n-1) / 2.
  TwoChoices balancer;
  Random random{2};
  auto five = targets(5);
  for (std::uint32_t i = 0; i < 5; ++i) five[i].in_flight = i;
  std::vector<int> counts(5);
  for (int i = 0; i < 100'000; ++i) ++counts[balancer.pick(five, {}, random).value()];
  CHECK(counts[4] == 0);
  for (std::size_t i = 0; i < 4; ++i) {
    const double share = static_cast<double>(4 - i) / 10;
    const double sigma = std::sqrt(100'000 * share * (1 - share));
    CHECK(counts[i] == Approx(100'000 * share).margin(4 * sigma));
  }
}

TEST_CASE("two choices: equal targets are picked uniformly") {
  // Chi-square with 9 degrees of freedom: 27.88 is exceeded once in a thousand seeds; this one is
  // fixed. The tie goes to the first drawn, which is uniform.
  TwoChoices balancer;
  Random random{3};
  const auto ten = targets(10);
  std::vector<int> counts(10);
  for (int i = 0; i < 100'000; ++i) ++counts[balancer.pick(ten, {}, random).value()];
  CHECK(chi_square(counts, 10'000) < 27.88);
}

TEST_CASE("two choices: every pair of available targets is drawn equally often") {
  // Target 0 is idle: it wins all its pairs, so 2/k of all picks among k available ones; the rest
  // falls on the others evenly. Here 6 of 8 are available.
  TwoChoices balancer;
  Random random{4};
  auto eight = targets(8);
  for (Target& target : eight) target.in_flight = 1;
  eight[0].in_flight = 0;
  eight[3].available = eight[7].available = false;
  std::vector<int> counts(8);
  constexpr int kPicks = 120'000;
  for (int i = 0; i < kPicks; ++i) ++counts[balancer.pick(eight, {}, random).value()];
  CHECK(counts[3] == 0);
  CHECK(counts[7] == 0);
  CHECK(counts[0] == Approx(kPicks / 3.0).margin(4 * std::sqrt(kPicks * 2.0 / 9)));
  const std::vector<int> rest{counts[1], counts[2], counts[4], counts[5], counts[6]};
  // 4 degrees of freedom: 18.47 once in a thousand seeds; the total of the rest varies a little
  // too.
  CHECK(chi_square(rest, (kPicks - counts[0]) / 5.0) < 18.47);
}

TEST_CASE("random: available targets are picked uniformly, others never") {
  RandomChoice balancer;
  Random random{5};
  auto eight = targets(8);
  eight[0].available = eight[4].available = eight[5].available = false;
  std::vector<int> counts(8);
  for (int i = 0; i < 100'000; ++i) ++counts[balancer.pick(eight, {}, random).value()];
  CHECK(counts[0] + counts[4] + counts[5] == 0);
  CHECK(chi_square({counts[1], counts[2], counts[3], counts[6], counts[7]}, 20'000) < 18.47);
}

/// Two requests in flight at all times over targets that answer after 1 and 2 units of time: how
/// many units 10 000 requests take.
template <class Pick>
int time_taken(Pick pick) {
  const std::array<int, 2> service_time{1, 2};
  std::vector<Target> two(2);
  using Answer = std::pair<int, std::size_t>;  // when, by whom
  std::priority_queue<Answer, std::vector<Answer>, std::greater<>> answers;
  const auto send = [&](int now) {
    const std::size_t target = pick(two);
    ++two[target].in_flight;
    answers.emplace(now + service_time[target], target);
  };
  send(0);
  send(0);
  int now = 0;
  for (int answered = 1; answered <= 10'000; ++answered) {
    const auto [when, target] = answers.top();
    answers.pop();
    --two[target].in_flight;
    now = when;
    if (answered + 2 <= 10'000) send(now);
  }
  return now;
}

TEST_CASE("two choices: on two targets it takes the time of a full scan") {
  // The closed system of envoy pull request 11006, whose figures for 10 000 requests are: full scan
  // and two distinct choices 6668, round robin 7500, random 7507, two independent choices 7194.
  Random random{6};
  TwoChoices two_choices;
  CHECK(time_taken([&](auto& all) { return two_choices.pick(all, {}, random).value(); }) ==
        Approx(6668).margin(2));  // 1.5 requests per unit: 6666.7
  LeastRequests full_scan;
  CHECK(time_taken([&](auto& all) { return full_scan.pick(all, {}, random).value(); }) ==
        Approx(6668).margin(2));
  RoundRobin turns;
  CHECK(time_taken([&](auto& all) { return turns.pick(all, {}, random).value(); }) ==
        Approx(7500).margin(2));  // 1.5 units each, two at a time
  RandomChoice any;
  CHECK(time_taken([&](auto& all) { return any.pick(all, {}, random).value(); }) ==
        Approx(7500).margin(4 * 25));  // four standard deviations of 10 000 draws of 1 or 2, halved
}

}  // namespace
}  // namespace headgate::balance
