// The policies that build something for their targets: weighted_round_robin, ring_hash, maglev,
// rendezvous, subset; and locality.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "headgate/balance/locality.hpp"
#include "headgate/balance/maglev.hpp"
#include "headgate/balance/rendezvous.hpp"
#include "headgate/balance/ring_hash.hpp"
#include "headgate/balance/subset.hpp"
#include "headgate/balance/weighted_round_robin.hpp"
#include "headgate/core/hash.hpp"
#include "targets.hpp"

namespace headgate::balance {
namespace {

// --- weighted_round_robin

std::string letters(const std::vector<std::uint32_t>& order) {
  std::string text;
  for (const std::uint32_t index : order) text += static_cast<char>('a' + index);
  return text;
}

TEST_CASE("smooth order: it is the one of nginx's commit message, and worked by hand") {
  CHECK(letters(smooth_order(std::vector<std::uint32_t>{5, 1, 1})) == "aabacaa");
  CHECK(letters(smooth_order(std::vector<std::uint32_t>{1, 1, 1})) == "abc");
  CHECK(letters(smooth_order(std::vector<std::uint32_t>{2, 2, 2})) == "abc");  // lowest terms
  CHECK(letters(smooth_order(std::vector<std::uint32_t>{2, 1})) == "aba");
  CHECK(letters(smooth_order(std::vector<std::uint32_t>{4, 2, 1})) == "abacaba");
  CHECK(letters(smooth_order(std::vector<std::uint32_t>{3, 0, 1})) == "aaca");
  CHECK(smooth_order({}).empty());
}

/// nginx's get_peer, turn by turn.
class NginxOracle {
 public:
  explicit NginxOracle(std::vector<std::uint32_t> weights)
      : weights_(std::move(weights)), current_(weights_.size()) {}
  std::size_t next() {
    std::int64_t total = 0;
    std::size_t best = weights_.size();
    for (std::size_t i = 0; i < weights_.size(); ++i) {
      current_[i] += weights_[i];
      total += weights_[i];
      if (best == weights_.size() || current_[i] > current_[best]) best = i;
    }
    current_[best] -= total;
    return best;
  }

 private:
  std::vector<std::uint32_t> weights_;
  std::vector<std::int64_t> current_;
};

TEST_CASE("weighted round robin: picks turn by turn what nginx picks, for any weights") {
  Random random{6};
  for (int round = 0; round < 60; ++round) {
    std::vector<TargetInfo> infos;
    std::vector<std::uint32_t> weights;
    for (std::uint64_t i = 0, count = 1 + random.below(12); i < count; ++i) {
      weights.push_back(1 + static_cast<std::uint32_t>(random.below(40)));
      infos.push_back({.id = i + 1, .weight = weights.back()});
    }
    NginxOracle oracle{weights};
    WeightedRoundRobin policy;
    policy.rebuild(infos);
    const std::vector<Target> targets = idle(infos.size());
    for (int i = 0; i < 1'000; ++i) REQUIRE(policy.pick(targets, {}, random) == oracle.next());
  }
}

TEST_CASE("weighted round robin: those that are left keep their turns, and nobody inherits") {
  WeightedRoundRobin policy;
  policy.rebuild(weighted({5, 1, 2}));
  std::vector<Target> targets = idle(3);
  targets[0].available = false;
  Random random{1};
  std::map<std::size_t, int> counts;
  for (int i = 0; i < 300; ++i) ++counts[policy.pick(targets, {}, random).value()];
  CHECK(counts[0] == 0);
  CHECK(counts[1] == 100);
  CHECK(counts[2] == 200);
}

TEST_CASE("weighted round robin: a rebuild goes on where the round was") {
  WeightedRoundRobin policy;
  Random random{1};
  const std::vector<Target> targets = idle(3);
  std::map<std::size_t, int> counts;
  for (int i = 0; i < 700; ++i) {
    policy.rebuild(weighted({5, 1, 1}));
    ++counts[policy.pick(targets, {}, random).value()];
  }
  CHECK(counts[0] == 500);
  CHECK(counts[1] == 100);
}

TEST_CASE("smooth order: weights too fine for the table keep their shares to a turn") {
  const std::vector<std::uint32_t> weights{1'000'003, 500'009, 1, 99'991};
  const std::vector<std::uint32_t> order = smooth_order(weights);
  CHECK(order.size() <= kSmoothTurnsMax + weights.size());
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  for (std::uint32_t i = 0; i < weights.size(); ++i) {
    const auto turns = static_cast<double>(std::ranges::count(order, i));
    CHECK(turns == std::max(1.0, std::round(kSmoothTurnsMax * weights[i] / sum)));
  }
}

// --- hash policies

template <class P>
std::vector<std::uint64_t> owners(P& policy, const std::vector<TargetInfo>& infos, std::size_t keys,
                                  const std::vector<Target>& targets) {
  Random random{1};
  std::vector<std::uint64_t> ids;
  for (std::uint64_t k = 0; k < keys; ++k) {
    ids.push_back(infos[policy.pick(targets, {.now = {}, .key = key_of(k)}, random).value()].id);
  }
  return ids;
}

template <class P>
void order_does_not_matter(P policy, std::vector<TargetInfo> infos) {
  P other = policy;
  policy.rebuild(infos);
  const auto before = owners(policy, infos, 5'000, idle(infos.size()));
  std::ranges::reverse(infos);
  std::ranges::rotate(infos, infos.begin() + 3);
  other.rebuild(infos);
  CHECK(owners(other, infos, 5'000, idle(infos.size())) == before);
}

TEST_CASE("hash policies: the order of the config does not matter") {
  std::vector<TargetInfo> infos = many(11);
  order_does_not_matter(RingHash{{.points = 50, .bound = {}}}, infos);
  order_does_not_matter(Maglev{65'537}, infos);
  order_does_not_matter(Rendezvous{}, infos);
  for (std::size_t i = 0; i < infos.size(); ++i)
    infos[i].weight = 1 + static_cast<std::uint32_t>(i % 4);
  order_does_not_matter(RingHash{{.points = 50, .bound = {}}}, infos);
  order_does_not_matter(Maglev{65'537}, infos);
  order_does_not_matter(Rendezvous{}, infos);
}

/// Of 20'000 keys, those that moved although their target is in both lists.
template <class P>
std::size_t needless_moves(P policy, const std::vector<TargetInfo>& with,
                           const std::vector<TargetInfo>& without, std::uint64_t gone) {
  policy.rebuild(with);
  const auto before = owners(policy, with, 20'000, idle(with.size()));
  policy.rebuild(without);
  const auto after = owners(policy, without, 20'000, idle(without.size()));
  std::size_t moved = 0;
  for (std::size_t k = 0; k < before.size(); ++k) {
    moved += before[k] != gone && after[k] != before[k] ? 1U : 0U;
    REQUIRE(after[k] != gone);
  }
  return moved;
}

TEST_CASE("hash policies: when a target leaves or joins, only the keys move that must") {
  for (const std::size_t count : {3U, 10U, 100U}) {
    CAPTURE(count);
    std::vector<TargetInfo> with = many(count);
    for (std::size_t i = 0; i < count; ++i) with[i].weight = 1 + static_cast<std::uint32_t>(i % 3);
    std::vector<TargetInfo> without = with;
    const std::uint64_t gone = with[count / 2].id;
    without.erase(without.begin() + static_cast<std::ptrdiff_t>(count / 2));
    CHECK(needless_moves(RingHash{{.points = 160, .bound = {}}}, with, without, gone) == 0);
    CHECK(needless_moves(Rendezvous{}, with, without, gone) == 0);
    // Maglev moves a few more; below 1 % of the keys at a hundred slots per target and more.
    CHECK(needless_moves(
              Maglev{65'537}, many(count),
              [&] {
                auto fewer = many(count);
                fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(count / 2));
                return fewer;
              }(),
              gone) < 300);
  }
}

template <class P>
void unavailable_moves_its_own(P policy) {
  const std::vector<TargetInfo> infos = many(10);
  policy.rebuild(infos);
  std::vector<Target> targets = idle(10);
  const auto before = owners(policy, infos, 10'000, targets);
  targets[4].available = false;
  const auto after = owners(policy, infos, 10'000, targets);
  std::map<std::uint64_t, int> heirs;
  for (std::size_t k = 0; k < before.size(); ++k) {
    if (before[k] != infos[4].id) REQUIRE(after[k] == before[k]);
    if (before[k] == infos[4].id) ++heirs[after[k]];
  }
  CHECK(heirs.size() == 9);  // its keys go to all the others
  CHECK_FALSE(heirs.contains(infos[4].id));
}

TEST_CASE("hash policies: the keys of an unavailable target scatter, the others stay") {
  unavailable_moves_its_own(RingHash{{.points = 160, .bound = {}}});
  unavailable_moves_its_own(Maglev{65'537});
  unavailable_moves_its_own(Rendezvous{});
}

/// Each target's part of `keys`, over its share by weight.
template <class P>
std::vector<double> relative_loads(P policy, const std::vector<TargetInfo>& infos,
                                   std::size_t keys) {
  policy.rebuild(infos);
  std::map<std::uint64_t, double> counts;
  for (const std::uint64_t id : owners(policy, infos, keys, idle(infos.size()))) ++counts[id];
  double weights = 0;
  for (const TargetInfo& info : infos) weights += info.weight;
  std::vector<double> loads;
  for (const TargetInfo& info : infos) {
    loads.push_back(counts[info.id] / static_cast<double>(keys) * weights / info.weight);
  }
  return loads;
}

TEST_CASE("hash policies: shares follow the weights, as evenly as each policy promises") {
  std::vector<TargetInfo> infos = many(10);
  for (std::size_t i = 0; i < infos.size(); ++i) infos[i].weight = i < 5 ? 1 : 3;
  // 200'000 keys: sampling alone scatters the least share (1/20) by 1 %.
  for (const double load : relative_loads(Rendezvous{}, infos, 200'000)) {
    CHECK(load == Approx(1).margin(0.04));
  }
  for (const double load : relative_loads(Rendezvous{}, many(10), 200'000)) {
    CHECK(load == Approx(1).margin(0.03));
  }
  for (const double load : relative_loads(Maglev{65'537}, infos, 200'000)) {
    CHECK(load == Approx(1).margin(0.04));
  }
  // 1/sqrt(1000) is 3.2 %: four times that.
  for (const double load :
       relative_loads(RingHash{{.points = 1'000, .bound = {}}}, many(10), 200'000)) {
    CHECK(load == Approx(1).margin(0.13));
  }
  for (const double load :
       relative_loads(RingHash{{.points = 1'000, .bound = {}}}, infos, 200'000)) {
    CHECK(load == Approx(1).margin(0.13));
  }
}

TEST_CASE("ring hash: with a bound no target has more than its ceiling, whatever the keys") {
  const std::size_t count = 10;
  const double bound = GENERATE(1.0, 1.25, 2.0);
  CAPTURE(bound);
  RingHash policy{{.points = 100, .bound = bound}};
  policy.rebuild(many(count));
  std::vector<Target> targets = idle(count);
  Random random{1};
  for (std::uint64_t requests = 0; requests < 1'000; ++requests) {
    // Nine in ten ask for one key.
    const std::uint64_t key = requests % 10 == 0 ? key_of(requests) : key_of(5);
    const std::size_t picked = policy.pick(targets, {.now = {}, .key = key}, random).value();
    ++targets[picked].in_flight;
    const double ceiling = std::ceil(bound * static_cast<double>(requests + 1) / count - 1e-9);
    REQUIRE(targets[picked].in_flight <= ceiling);
  }
  // Without load every key is where it would be without a bound.
  RingHash free{{.points = 100, .bound = {}}};
  free.rebuild(many(count));
  CHECK(owners(policy, many(count), 2'000, idle(count)) ==
        owners(free, many(count), 2'000, idle(count)));
}

// --- subset

TEST_CASE("subset: all gateways together cover every target equally") {
  for (const auto& [targets, clients, size] :
       {std::array{10U, 5U, 2U}, std::array{10U, 4U, 3U}, std::array{7U, 3U, 2U},
        std::array{100U, 40U, 12U}, std::array{5U, 3U, 20U}}) {
    CAPTURE(targets, clients, size);
    std::vector<std::uint64_t> covered(targets);
    for (std::uint32_t client = 0; client < clients; ++client) {
      Subset policy{{.size = size, .client = client, .clients = clients}};
      policy.rebuild(many(targets));
      const auto parts = policy.parts();
      std::uint64_t sum = 0;
      for (std::size_t i = 0; i < targets; ++i) {
        covered[i] += parts[i];
        sum += parts[i];
      }
      CHECK(sum >= std::min(size, targets) * clients);           // at least `size` targets
      CHECK(sum < std::min(size, targets) * clients + targets);  // and no needless ones
    }
    const auto [least, most] = std::ranges::minmax(covered);
    CHECK(least == most);
    CHECK(least > 0);
  }
}

TEST_CASE("subset: a gateway stays within its own, the less busy of two, until none is there") {
  Subset policy{{.size = 2, .client = 1, .clients = 5}};
  policy.rebuild(many(10));
  const auto parts = policy.parts();
  std::vector<std::size_t> own;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] > 0) own.push_back(i);
  }
  REQUIRE(own.size() == 2);
  std::vector<Target> targets = idle(10);
  Random random{3};
  targets[own[0]].in_flight = 1;
  int busy = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::size_t picked = policy.pick(targets, {}, random).value();
    REQUIRE(parts[picked] > 0);
    busy += picked == own[0] ? 1 : 0;
  }
  CHECK(busy < 20);  // only when eight pairs fell on it alone
  targets[own[1]].available = false;
  for (int i = 0; i < 100; ++i) CHECK(policy.pick(targets, {}, random) == own[0]);
  targets[own[0]].available = false;
  for (int i = 0; i < 100; ++i) {
    const std::size_t picked = policy.pick(targets, {}, random).value();
    CHECK(targets[picked].available);
  }
  // Of two that are left anywhere it is the less busy one.
  for (Target& target : targets) target = {.in_flight = 5, .available = false};
  const std::size_t idle_one = (own[0] + 4) % 10;
  targets[idle_one] = {.in_flight = 0};
  targets[(own[0] + 5) % 10].available = true;
  for (int i = 0; i < 100; ++i) CHECK(policy.pick(targets, {}, random) == idle_one);
  // Where there is none, eight pairs are drawn, and then each target once.
  targets = std::vector<Target>(10, {.in_flight = 0, .available = false});
  Random same = random;
  CHECK_FALSE(policy.pick(targets, {}, random));
  for (int i = 0; i < 2 * 8 + 10; ++i) static_cast<void>(same.bits());
  CHECK(random.bits() == same.bits());
}

// --- locality

std::vector<TargetInfo> zones(std::initializer_list<std::uint32_t> localities) {
  std::vector<TargetInfo> infos;
  for (const std::uint32_t locality : localities) {
    infos.push_back({.id = infos.size() + 1, .weight = 1, .locality = locality});
  }
  return infos;
}

/// The part of 40'000 picks that each distance gets.
std::vector<double> split(const std::vector<TargetInfo>& infos, const std::vector<Target>& targets,
                          double spare) {
  Locality policy{spare};
  policy.rebuild(infos);
  Random random{8};
  std::vector<double> parts(3);
  for (int i = 0; i < 40'000; ++i) {
    const std::size_t picked = policy.pick(targets, {}, random).value();
    REQUIRE(targets[picked].available);
    parts[infos[picked].locality] += 1.0 / 40'000;
  }
  return parts;
}

TEST_CASE("locality: nothing leaves while enough of a group is there, then it spills") {
  const auto infos = zones({1, 0, 0, 1, 0, 0, 2, 1, 0, 1});  // five near, four at 1, one at 2
  std::vector<Target> targets = idle(10);
  CHECK(split(infos, targets, 1.4)[0] == Approx(1));
  targets[1].available = false;  // 4 of 5: 80 % * 1.4 > 1
  CHECK(split(infos, targets, 1.4)[0] == Approx(1));
  targets[2].available = false;  // 3 of 5: 60 % * 1.4 = 84 %
  CHECK(split(infos, targets, 1.4)[0] == Approx(0.84).margin(0.01));
  CHECK(split(infos, targets, 1.4)[1] == Approx(0.16).margin(0.01));
  CHECK(split(infos, targets, 1.0)[0] == Approx(0.60).margin(0.01));
  targets[4].available = targets[5].available = targets[8].available = false;  // none near
  CHECK(split(infos, targets, 1.4)[1] == Approx(1));
  // 1 of 4 at distance 1 bears 35 %; the last is whole and gets the rest.
  targets[0].available = targets[3].available = targets[7].available = false;
  CHECK(split(infos, targets, 1.4)[1] == Approx(0.35).margin(0.01));
  CHECK(split(infos, targets, 1.4)[2] == Approx(0.65).margin(0.01));
}

TEST_CASE("locality: when all groups together are too weak, they share in proportion") {
  const auto infos = zones({0, 0, 0, 0, 1, 1, 1, 1});
  std::vector<Target> targets = idle(8);
  for (const std::size_t gone : {0U, 1U, 2U, 4U, 5U, 6U}) targets[gone].available = false;
  const auto parts = split(infos, targets, 1.0);  // a quarter each
  CHECK(parts[0] == Approx(0.5).margin(0.01));
  CHECK(parts[1] == Approx(0.5).margin(0.01));
}

TEST_CASE("locality: within a group the less busy of two distinct targets") {
  Locality policy{1.4};
  policy.rebuild(zones({0, 0, 0}));
  Random random{2};
  const std::vector<Target> targets = loaded({5, 0, 9});
  std::map<std::size_t, int> counts;
  for (int i = 0; i < 30'000; ++i) ++counts[policy.pick(targets, {}, random).value()];
  CHECK(counts[2] == 0);
  CHECK(counts[0] == Approx(10'000).margin(400));  // of the pairs {0,1} {0,2} {1,2}
  CHECK(counts[1] == Approx(20'000).margin(400));
}

}  // namespace
}  // namespace headgate::balance
