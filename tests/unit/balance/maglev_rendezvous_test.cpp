// The two hash policies that need no ring: maglev by its table, rendezvous by scores.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "headgate/balance/maglev.hpp"
#include "headgate/balance/rendezvous.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "targets.hpp"

namespace headgate::balance {
namespace {

TEST_CASE("maglev: the table of a published example comes out of its preferences") {
  // The permutations of dgryski/go-maglev's test: 2 6 3 0 4 1 5, 0 5 3 1 6 4 2, 1 3 5 0 2 4 6.
  const std::vector<MaglevWalk> walks{
      {.offset = 2, .step = 4}, {.offset = 0, .step = 5}, {.offset = 1, .step = 2}};
  CHECK(maglev_table(walks, 7) == std::vector<std::uint32_t>{1, 2, 0, 2, 0, 1, 0});
  const std::vector<MaglevWalk> without{walks[0], walks[2]};
  CHECK(maglev_table(without, 7) == std::vector<std::uint32_t>{0, 1, 0, 1, 0, 1, 0});
  // The paper's example: permutations 3 0 4 1 5 2 6, 0 2 4 6 1 3 5, 3 4 5 6 0 1 2.
  const std::vector<MaglevWalk> paper{
      {.offset = 3, .step = 4}, {.offset = 0, .step = 2}, {.offset = 3, .step = 1}};
  CHECK(maglev_table(paper, 7) == std::vector<std::uint32_t>{1, 0, 1, 0, 2, 2, 0});
  CHECK(maglev_table({}, 7).empty());
}

TEST_CASE("maglev: slots differ by at most one, and by weight") {
  for (const std::size_t count : {1U, 3U, 7U, 100U, 1'000U}) {
    CAPTURE(count);
    std::vector<MaglevWalk> walks;
    Random random{count};
    for (std::size_t i = 0; i < count; ++i) {
      walks.push_back({.offset = random.below(65'537), .step = 1 + random.below(65'536)});
    }
    std::vector<int> slots(count);
    for (const std::uint32_t owner : maglev_table(walks, 65'537)) ++slots[owner];
    const auto [least, most] = std::ranges::minmax(slots);
    CHECK(most - least <= 1);
  }
  const std::vector<MaglevWalk> walks{{.offset = 5, .step = 9, .weight = 1},
                                      {.offset = 7, .step = 4, .weight = 3}};
  const auto table = maglev_table(walks, 65'537);
  CHECK(std::abs(static_cast<double>(std::ranges::count(table, 1U)) - 65'537 * 0.75) <= 2);
}

TEST_CASE("maglev: primes are told from other numbers") {
  for (const std::uint64_t prime : {2U, 3U, 5U, 7U, 65'537U, 655'373U, 5'000'011U}) {
    CHECK(is_prime(prime));
  }
  for (const std::uint64_t other : {0U, 1U, 4U, 9U, 25U, 65'536U, 65'539U * 3U, 4'294'836'225U}) {
    CHECK_FALSE(is_prime(other));
  }
}

TEST_CASE("maglev: a weight of half as much has every other turn") {
  // By hand: b takes 3; a takes 0 and b 4; b takes 5; a takes 1 and b 6; b takes 2, its last
  // choice.
  const std::vector<MaglevWalk> walks{{.offset = 0, .step = 1, .weight = 1},
                                      {.offset = 3, .step = 1, .weight = 2}};
  CHECK(maglev_table(walks, 7) == std::vector<std::uint32_t>{0, 0, 1, 1, 1, 1, 1});
}

TEST_CASE("maglev: with more targets than two bytes can number, order does not matter either") {
  std::vector<TargetInfo> infos = many(66'000);
  Maglev policy{131'071};
  Maglev other{131'071};
  policy.rebuild(infos);
  const std::vector<TargetInfo> reversed(infos.rbegin(), infos.rend());
  other.rebuild(reversed);
  const std::vector<Target> targets = idle(infos.size());
  Random random{1};
  std::size_t last = 0;
  for (std::uint64_t k = 0; k < 20'000; ++k) {
    const Call call{.now = {}, .key = key_of(k)};
    const std::size_t picked = policy.pick(targets, call, random).value();
    REQUIRE(other.pick(targets, call, random) == infos.size() - 1 - picked);
    last = std::max(last, picked);
  }
  CHECK(last > 65'900);
}

TEST_CASE("maglev: where no target is available none is picked, and it is soon known") {
  Maglev policy{65'537};
  policy.rebuild(many(10));
  std::vector<Target> targets = idle(10);
  for (Target& target : targets) target.available = false;
  Random random{1};
  for (std::uint64_t k = 0; k < 1'000; ++k) {
    CHECK_FALSE(policy.pick(targets, {.now = {}, .key = key_of(k)}, random));
  }
}

TEST_CASE("rendezvous: with weights it is the least logarithm over weight, of all of them") {
  std::vector<TargetInfo> infos = many(40);
  Random random{9};
  for (TargetInfo& info : infos) info.weight = 1 + static_cast<std::uint32_t>(random.below(100));
  infos[7].weight = kWeightMax;
  infos[8].weight = kWeightMax - 1;
  Rendezvous policy;
  policy.rebuild(infos);
  std::vector<Target> targets = idle(infos.size());
  targets[3].available = false;
  for (std::uint64_t k = 0; k < 20'000; ++k) {
    targets[7].available = targets[8].available = k % 3 == 0;  // else they have nearly all keys
    std::size_t best = 0;
    double least = 1e300;
    for (std::size_t i = 0; i < infos.size(); ++i) {
      const std::uint64_t score = mix64(mix64(key_of(k)) ^ mix64(infos[i].id));
      const double log = -std::log(std::ldexp(static_cast<double>(score), -64));
      if (!targets[i].available || log / infos[i].weight >= least) continue;
      best = i;
      least = log / infos[i].weight;
    }
    REQUIRE(policy.pick(targets, {.now = {}, .key = key_of(k)}, random) == best);
  }
}

}  // namespace
}  // namespace headgate::balance
