#include "headgate/balance/hot_cold.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <deque>
#include <vector>

#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

/// The same by sorting: the least of the samples that at least `share` of them do not exceed.
std::uint32_t quantile_by_sorting(const std::deque<std::uint32_t>& samples, double share) {
  std::vector<std::uint32_t> sorted(samples.begin(), samples.end());
  std::ranges::sort(sorted);
  const auto needed =
      static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size()) - 1e-9));
  return needed == 0 ? 0 : sorted[needed - 1];
}

TEST_CASE("recent quantile: it is that of the latest 128 samples, sorted") {
  for (const double share : {0.0, 0.01, 0.25, 0.5, 0.84, 0.99, 1.0}) {
    RecentQuantile quantile{Share{share}};
    std::deque<std::uint32_t> samples;
    Random random{41};
    CHECK(quantile.value() == 0);
    for (std::uint64_t i = 0; i < 3000; ++i) {
      // The level jumps now and then, up and down.
      const auto count = static_cast<std::uint32_t>(random.below(20) + 335 * (i / 200 % 4));
      quantile.add(count);  // up to 1024
      samples.push_back(std::min(count, RecentQuantile::kCountMax));
      if (samples.size() > 128) samples.pop_front();
      REQUIRE(quantile.value() == quantile_by_sorting(samples, share));
    }
  }
}

TEST_CASE("recent quantile: the smallest share is one sample, not none") {
  RecentQuantile quantile{Share{0.000'001}};
  quantile.add(5);
  CHECK(quantile.value() == 5);
}

TEST_CASE("recent quantile: counts beyond 1023 count as 1023") {
  RecentQuantile quantile{Share{0.5}};
  quantile.add(5'000'000);
  CHECK(quantile.value() == 1023);
  quantile.add(3);
  CHECK(quantile.value() == 3);
}

/// A policy that draws all of `infos` and knows these latencies in ms.
HotCold knowing(std::vector<int> latencies, Share quantile = Share{0.5}) {
  HotCold policy{{.draws = 16, .quantile = quantile, .latency = {}}};
  std::vector<TargetInfo> infos;
  for (std::size_t i = 0; i < latencies.size(); ++i) infos.push_back({.id = i + 1});
  policy.rebuild(infos);
  for (std::size_t i = 0; i < latencies.size(); ++i) {
    policy.done(i, {.latency = latencies[i] * 1ms}, TimePoint{1s});
  }
  return policy;
}

constexpr Call kCall{.now = TimePoint{1s}};

TEST_CASE("hot and cold: of the targets that are not busier than half, the fastest is taken") {
  // In flight 0 2 2 5 9: the median is 2, so the two last are hot, however fast they are.
  Random random{42};
  HotCold policy = knowing({50, 30, 20, 1, 1});
  for (int i = 0; i < 100; ++i) REQUIRE(policy.pick(loaded({0, 2, 2, 5, 9}), kCall, random) == 2U);
}

TEST_CASE("hot and cold: if all that can be had are hot, the one with the fewest in flight") {
  Random random{43};
  HotCold policy = knowing({1, 50, 1, 1});
  // 0 to 3 in flight have been met for long; now a burst stands everywhere.
  for (int i = 0; i < 40; ++i) CHECK(policy.pick(loaded({0, 1, 2, 3}), kCall, random));
  CHECK(policy.pick(loaded({9, 7, 8, 9}), kCall, random) == 1U);
}

TEST_CASE("hot and cold: with equal latencies the idler one, and the first drawn among equals") {
  Random random{44};
  HotCold policy = knowing({20, 20, 20}, Share{1});
  for (int i = 0; i < 50; ++i) REQUIRE(policy.pick(loaded({3, 1, 2}), kCall, random) == 1U);
  std::array<int, 3> counts{};
  for (int i = 0; i < 30'000; ++i) ++counts[policy.pick(idle(3), kCall, random).value()];
  CHECK(chi_square(counts, std::vector<double>(3, 1 / 3.0)) < 13.82);
}

TEST_CASE("hot and cold: only what is drawn is compared, and the unavailable are not drawn") {
  Random random{45};
  HotCold two{{.draws = 2, .quantile = Share{1}, .latency = {}}};
  two.rebuild(named({1, 2, 3, 4}));
  for (std::size_t i = 0; i < 4; ++i) {
    two.done(i, {.latency = (i + 1) * 10ms}, TimePoint{1s});
  }
  // Of four ranks the fastest is in 3 of 6 pairs, the next wins 2, the third 1.
  std::array<int, 4> counts{};
  for (int i = 0; i < 60'000; ++i) ++counts[two.pick(idle(4), kCall, random).value()];
  CHECK(counts[3] == 0);
  CHECK(chi_square(std::span{counts}.first(3), std::array{3 / 6.0, 2 / 6.0, 1 / 6.0}) < 13.82);
  auto one_up = idle(4);
  one_up[0].available = one_up[1].available = one_up[2].available = false;
  CHECK(two.pick(one_up, kCall, random) == 3U);
  one_up[3].available = false;
  CHECK_FALSE(two.pick(one_up, kCall, random));
}

}  // namespace
}  // namespace headgate::balance
