#include "headgate/balance/draw.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "headgate/balance/choices.hpp"
#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

/// How often each ordered pair of first draws comes up.
std::map<std::pair<std::size_t, std::size_t>, int> pairs(const std::vector<Target>& targets,
                                                         int draws) {
  Random random{11};
  std::map<std::pair<std::size_t, std::size_t>, int> counts;
  for (int i = 0; i < draws; ++i) {
    Draw draw{targets, random};
    const std::size_t first = draw.next();
    ++counts[{first, draw.next()}];
  }
  return counts;
}

TEST_CASE("draw: every ordered pair of distinct available targets is equally likely") {
  auto six = idle(6);
  six[1].available = six[4].available = false;
  const auto counts = pairs(six, 120'000);
  CHECK(counts.size() == 12);  // 4 * 3
  double chi = 0;
  for (const auto& [pair, count] : counts) {
    CHECK(pair.first != pair.second);
    CHECK(six[pair.first].available);
    CHECK(six[pair.second].available);
    chi += (count - 10'000.0) * (count - 10'000.0) / 10'000;
  }
  CHECK(chi < 31.26);  // 11 degrees of freedom, once in a thousand seeds
}

TEST_CASE("draw: it is a walk through a random order of all that passes over the unavailable") {
  // The slow way: a list from which each look takes one out.
  Random random{17};
  Random same{17};
  for (int round = 0; round < 2000; ++round) {
    auto targets = idle(1 + random.below(31));
    static_cast<void>(same.below(31));
    for (Target& target : targets) {
      target.available = random.below(3) != 0;
      static_cast<void>(same.below(3));
    }
    std::vector<std::size_t> left(targets.size());
    std::iota(left.begin(), left.end(), 0U);
    Draw draw{targets, random};
    while (!left.empty()) {
      const auto look = left.begin() + static_cast<std::ptrdiff_t>(same.below(left.size()));
      const std::size_t seen = *look;
      left.erase(look);
      if (targets[seen].available) REQUIRE(draw.next() == seen);
    }
    REQUIRE(draw.next() == Draw::kNone);
  }
}

TEST_CASE("draw: it goes on until each available target was drawn once, and then finds none") {
  Random random{12};
  for (const std::size_t size : {0U, 1U, 2U, 3U, 15U, 16U}) {
    auto targets = idle(size);
    std::size_t available = size;
    if (size >= 3) targets[1].available = false, --available;
    std::set<std::size_t> drawn;
    Draw draw{targets, random};
    for (std::size_t i = 0; i < available; ++i) {
      const std::size_t next = draw.next();
      REQUIRE(next < size);
      CHECK(targets[next].available);
      CHECK(drawn.insert(next).second);
    }
    CHECK(draw.next() == Draw::kNone);
    CHECK(draw.next() == Draw::kNone);
  }
}

TEST_CASE("draw: where nearly all are unavailable a scan finds the others, each equally likely") {
  // 5 of 200: the 32 looks before the scan find all of them once in 10 000 tries, none four times
  // in ten.
  auto many = idle(200);
  for (Target& target : many) target.available = false;
  const std::array<std::size_t, 5> up{3, 50, 51, 120, 199};
  for (const std::size_t index : up) many[index].available = true;
  Random random{13};
  std::map<std::size_t, int> first;
  std::map<std::size_t, int> last;
  constexpr int kRounds = 20'000;
  for (int i = 0; i < kRounds; ++i) {
    Draw draw{many, random};
    std::set<std::size_t> drawn;
    std::size_t latest = 0;
    for (std::size_t k = 0; k < up.size(); ++k) {
      latest = draw.next();
      if (k == 0) ++first[latest];
      REQUIRE(drawn.insert(latest).second);
    }
    ++last[latest];
    REQUIRE(drawn == std::set<std::size_t>(up.begin(), up.end()));
    REQUIRE(draw.next() == Draw::kNone);
  }
  double chi_first = 0;
  double chi_last = 0;
  for (const std::size_t index : up) {
    chi_first += (first[index] - 4000.0) * (first[index] - 4000.0) / 4000;
    chi_last += (last[index] - 4000.0) * (last[index] - 4000.0) / 4000;
  }
  CHECK(chi_first < 18.47);  // 4 degrees of freedom
  CHECK(chi_last < 18.47);
}

TEST_CASE("choices: a target of rank i is picked with C(n-1-i, d-1) / C(n, d)") {
  // In flight 0 to 6, d = 3: of the 35 triples the least loaded is target 0 in 15, 1 in 10, 2 in
  // 6, 3 in 3, 4 in 1; the two most loaded never.
  Random random{14};
  Choices three{3};
  const auto seven = loaded({0, 1, 2, 3, 4, 5, 6});
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts[three.pick(seven, {}, random).value()];
  CHECK(counts[5] == 0);
  CHECK(counts[6] == 0);
  const std::array<double, 5> shares{15 / 35.0, 10 / 35.0, 6 / 35.0, 3 / 35.0, 1 / 35.0};
  CHECK(chi_square(std::span{counts}.first(5), shares) < 18.47);
}

TEST_CASE("choices: with d or fewer targets the least loaded one is always found") {
  Random random{15};
  Choices sixteen{16};
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(sixteen.pick(loaded({5, 4, 3, 2, 7}), {}, random) == 3U);
    Choices three{3};
    auto five = loaded({5, 4, 3, 0, 7});
    five[3].available = five[0].available = false;
    REQUIRE(three.pick(five, {}, random) == 2U);
  }
}

TEST_CASE("choices: where none is available none is picked") {
  Random random{18};
  auto two = idle(2);
  two[0].available = two[1].available = false;
  CHECK_FALSE(Choices{3}.pick(two, {}, random));
  CHECK_FALSE(Choices{3}.pick({}, {}, random));
}

TEST_CASE("choices: equal targets are picked uniformly") {
  Random random{16};
  Choices four{4};
  const auto ten = idle(10);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100'000; ++i) ++counts[four.pick(ten, {}, random).value()];
  const std::vector<double> shares(10, 0.1);
  CHECK(chi_square(counts, shares) < 27.88);  // 9 degrees of freedom
}

}  // namespace
}  // namespace headgate::balance
