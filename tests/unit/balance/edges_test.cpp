// The policies at their edges: rounds in which nobody is there, tables of few slots, ties to the
// last bit, bounds that are met exactly.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "headgate/balance/locality.hpp"
#include "headgate/balance/maglev.hpp"
#include "headgate/balance/random_choice.hpp"
#include "headgate/balance/rendezvous.hpp"
#include "headgate/balance/ring_hash.hpp"
#include "headgate/balance/round_robin.hpp"
#include "headgate/balance/subset.hpp"
#include "headgate/balance/weighted_round_robin.hpp"
#include "headgate/core/hash.hpp"
#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

// --- turns

template <class P>
void keeps_its_place(P policy) {
  Random random{1};
  policy.rebuild(weighted({1, 1, 1}));
  std::vector<Target> targets = idle(3);
  CHECK(policy.pick(targets, {}, random) == 0U);
  for (Target& target : targets) target.available = false;
  CHECK_FALSE(policy.pick(targets, {}, random));
  CHECK(policy.pick(idle(3), {}, random) == 1U);
}

TEST_CASE("turns: a round in which nobody is there uses up nobody's turn") {
  keeps_its_place(RoundRobin{});
  keeps_its_place(WeightedRoundRobin{});
}

TEST_CASE("round robin: it begins again when the list ends just before whose turn it was") {
  RoundRobin policy;
  Random random{1};
  policy.rebuild(weighted({1, 1, 1}));
  CHECK(policy.pick(idle(3), {}, random) == 0U);
  CHECK(policy.pick(idle(3), {}, random) == 1U);
  policy.rebuild(weighted({1, 1}));
  CHECK(policy.pick(idle(2), {}, random) == 0U);
}

TEST_CASE("smooth order: a weight of 0 gets no turn, also where the others are scaled down") {
  const std::vector<std::uint32_t> order =
      smooth_order(std::vector<std::uint32_t>{1'000'000, 0, 700'001});
  CHECK(std::ranges::count(order, 1U) == 0);
  CHECK(std::ranges::count(order, 2U) > 0);
}

TEST_CASE("random: a draw that hits an available target is the pick") {
  RandomChoice policy;
  policy.rebuild(weighted({1, 1, 1, 1, 1}));
  std::vector<Target> targets = idle(5);
  targets[2].available = false;
  Random random{7};
  Random same{7};
  int hits = 0;
  while (hits < 100) {
    const std::size_t drawn = same.below(5);
    const std::size_t picked = policy.pick(targets, {}, random).value();
    if (drawn == 2) {
      CHECK(picked != 2);
      (void)same.below(4);  // the rank among those that are there
    } else {
      CHECK(picked == drawn);
      ++hits;
    }
  }
}

// --- tables and rings

TEST_CASE("ring hash: no weight makes a ring of more points than there may be") {
  RingHash policy{{}};
  policy.rebuild(weighted({100'000'000, 1}));  // 16 G points, were they not scaled down
  Random unused{1};
  int of_the_heavy = 0;
  for (std::uint64_t key = 0; key < 1'000; ++key) {
    const std::vector<Target> targets = idle(2);
    of_the_heavy += policy.pick(targets, {.now = {}, .key = mix64(key)}, unused) == 0U ? 1 : 0;
  }
  CHECK(of_the_heavy >= 999);
}

TEST_CASE("maglev: in a table of as many slots as targets each has one") {
  for (const std::uint64_t size : {2U, 3U, 5U, 7U, 11U}) {
    for (std::uint64_t first = 1; first <= 40; ++first) {
      CAPTURE(size, first);
      std::vector<TargetInfo> infos;
      for (std::uint64_t i = 0; i < size; ++i) infos.push_back({.id = mix64(100 * first + i)});
      Maglev policy{size};
      policy.rebuild(infos);
      Random unused{1};
      std::set<std::size_t> owners;
      for (std::uint64_t key = 0; key < 60 * size; ++key) {
        owners.insert(policy.pick(idle(size), {.now = {}, .key = mix64(key)}, unused).value());
      }
      CHECK(owners.size() == size);  // to miss a slot 60 * size times has the chance e^-60
    }
  }
}

TEST_CASE("ring hash: weights count in lowest terms") {
  RingHash policy{{.points = 20, .bound = {}}};
  RingHash lowest = policy;
  policy.rebuild(weighted({600, 200, 400}));
  lowest.rebuild(weighted({3, 1, 2}));
  Random unused{1};
  for (std::uint64_t key = 0; key < 2'000; ++key) {
    const Call call{.now = {}, .key = key};
    REQUIRE(policy.pick(idle(3), call, unused) == lowest.pick(idle(3), call, unused));
  }
}

TEST_CASE("ring hash: the mean share of a target is its part of the points, to the point") {
  // One point to nine: of a circle cut at ten random places nine parts of ten, in the mean. Its
  // deviation is 0.09 a ring, and that of a hundred keys 0.03.
  constexpr int kRings = 2'000;
  Random random{61};
  int heavy = 0;
  for (int ring = 0; ring < kRings; ++ring) {
    RingHash policy{{.points = 1, .bound = {}}};
    policy.rebuild(
        std::vector<TargetInfo>{{.id = random.bits()}, {.id = random.bits(), .weight = 9}});
    for (int i = 0; i < 100; ++i) {
      heavy += policy.pick(idle(2), {.now = {}, .key = random.bits()}, random) == 1U ? 1 : 0;
    }
  }
  CHECK(heavy / (100.0 * kRings) == Approx(0.9).margin(4 * 0.095 / std::sqrt(kRings)));
}

TEST_CASE("ring hash: a bound is rounded up, by however little it is beyond a whole number") {
  // ceil(1.000001 * (1'000'000 + 1) / 2) = ceil(500'001.0000005) = 500'002.
  RingHash policy{{.points = 10, .bound = 1.000001}};
  policy.rebuild(named({1, 2}));
  Random unused{1};
  for (std::uint64_t key = 0; key < 20; ++key) {
    const Call call{.now = {}, .key = key};
    const std::size_t owner = policy.pick(idle(2), call, unused).value();
    std::vector<Target> targets = loaded({499'999, 499'999});
    targets[owner].in_flight = 500'001;
    CHECK(policy.pick(targets, call, unused) == owner);
    targets[owner].in_flight = 500'002;
    targets[1 - owner].in_flight = 499'998;
    CHECK(policy.pick(targets, call, unused) == 1 - owner);
  }
}

TEST_CASE("rendezvous: at a tie to the last bit the order of the list does not matter") {
  // Pairs of ids whose scores for key 1 have equal logarithms, found by search; a light third one
  // makes the weights count.
  for (const auto& [winner, loser] : {std::pair{24'635U, 133'776U}, std::pair{2'045U, 37'926U},
                                      std::pair{297'615U, 91'054U}, std::pair{38'702U, 278'664U}}) {
    CAPTURE(winner, loser);
    REQUIRE(mix64(winner) < mix64(loser));
    const TargetInfo a{.id = winner, .weight = 1'000'000};
    const TargetInfo b{.id = loser, .weight = 1'000'000};
    const TargetInfo light{.id = 7};
    Rendezvous policy;
    Random unused{1};
    policy.rebuild(std::vector{a, b, light});
    CHECK(policy.pick(idle(3), {.now = {}, .key = 1}, unused) == 0U);
    policy.rebuild(std::vector{b, light, a});
    CHECK(policy.pick(idle(3), {.now = {}, .key = 1}, unused) == 2U);
  }
}

// --- groups

TEST_CASE("locality: a group without anyone there gets nothing, however little the others bear") {
  // The far group bears 1 of 2000: 500 millionths, of which the first belongs to it too.
  std::vector<TargetInfo> infos{{.id = 1, .locality = 0}};
  for (std::uint64_t id = 2; id <= 2'001; ++id) infos.push_back({.id = id, .locality = 1});
  std::vector<Target> targets(infos.size(), {.in_flight = 0, .available = false});
  targets[9].available = true;
  Locality policy{1.0};
  policy.rebuild(infos);
  Random random{62};
  for (int i = 0; i < 5'000; ++i) REQUIRE(policy.pick(targets, {}, random) == 9U);
  targets[9].available = false;
  CHECK_FALSE(policy.pick(targets, {}, random));
  policy.rebuild({});
  CHECK_FALSE(policy.pick({}, {}, random));
}

TEST_CASE("subset: the one of its own that is there is found, whichever draw falls on it") {
  Subset policy{{.size = 2, .client = 0, .clients = 5}};
  policy.rebuild(weighted({1, 1, 1, 1, 1, 1, 1, 1, 1, 1}));
  std::vector<Target> targets = idle(10);
  targets[0].available = false;  // its arc is the first two ids
  Random random{63};
  for (int i = 0; i < 2'000; ++i) REQUIRE(policy.pick(targets, {}, random) == 1U);
}

}  // namespace
}  // namespace headgate::balance
