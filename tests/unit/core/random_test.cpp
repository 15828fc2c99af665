#include "headgate/core/random.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>

namespace headgate {
namespace {

TEST_CASE("random: equal seeds give equal draws, different names give different streams") {
  Random a = Random::stream(1, "services.orders", 7, "service");
  Random b = Random::stream(1, "services.orders", 7, "service");
  CHECK(a.bits() == b.bits());
  const std::uint64_t here = Random::stream(1, "services.orders", 7, "service").bits();
  CHECK(here != Random::stream(2, "services.orders", 7, "service").bits());
  CHECK(here != Random::stream(1, "services.users", 7, "service").bits());
  CHECK(here != Random::stream(1, "services.orders", 8, "service").bits());
  CHECK(here != Random::stream(1, "services.orders", 7, "arrival").bits());
}

TEST_CASE("random: the generator is xoshiro256++ seeded by splitmix64") {
  // Worked with an independent big-integer implementation in Python from the published algorithms.
  Random random{42};
  CHECK(random.bits() == 15021278609987233951U);
  CHECK(random.bits() == 5881210131331364753U);
  CHECK(random.bits() == 18149643915985481100U);
}

TEST_CASE("random: bounded draws are uniform") {
  // Chi-square with 9 degrees of freedom: 27.88 is exceeded once in a thousand seeds; this seed is
  // fixed.
  Random random{7};
  constexpr int kDraws = 100'000;
  std::array<int, 10> counts{};
  for (int i = 0; i < kDraws; ++i) ++counts[random.below(10)];
  double chi_square = 0;
  for (const int count : counts) chi_square += std::pow(count - kDraws / 10.0, 2) / (kDraws / 10.0);
  CHECK(chi_square < 27.88);
  CHECK(random.below(1) == 0);
}

TEST_CASE("random: uniform lies in [0, 1) with mean one half") {
  Random random{3};
  double sum = 0;
  constexpr int kDraws = 100'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random.uniform();
    REQUIRE(u >= 0);
    REQUIRE(u < 1);
    sum += u;
  }
  // The mean of n uniforms has standard deviation 1/sqrt(12 n) = 0.00091; four of them allowed.
  CHECK(sum / kDraws == Approx(0.5).margin(0.0037));
}

}  // namespace
}  // namespace headgate
