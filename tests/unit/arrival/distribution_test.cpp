#include "headgate/arrival/distribution.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "headgate/stats/histogram.hpp"
#include "sampling.hpp"

namespace headgate::arrival {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

double normal_cdf(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

TEST_CASE("distribution: the constant is itself, without a draw") {
  const auto distribution = Distribution::constant(milliseconds{10}).value();
  Random random{1};
  const Random before = random;
  CHECK(distribution.sample(random) == milliseconds{10});
  CHECK(random.bits() == Random{before}.bits());
  CHECK(distribution.mean_ns() == 10e6);
  CHECK(distribution.cv2() == 0);
  CHECK(Distribution{}.mean_ns() == 0);
}

TEST_CASE("distribution: the exponential has its mean, cv² of one and its distribution function") {
  const auto distribution = Distribution::exponential(milliseconds{10}).value();
  CHECK(distribution.mean_ns() == 10e6);
  CHECK(distribution.cv2() == Approx(1));
  check_mean(distribution, 2);
  CHECK(kolmogorov(draws_of(distribution, 3), [](double x) { return 1 - std::exp(-x / 10e6); }) <
        1.95);
}

TEST_CASE("distribution: the uniform has both ends and nothing outside") {
  const auto dice = Distribution::uniform(nanoseconds{1}, nanoseconds{6}).value();
  CHECK(dice.mean_ns() == 3.5);
  CHECK(dice.cv2() == Approx(35.0 / 12 / 12.25));  // the variance of a die is 35/12
  std::array<int, 8> counts{};
  for (const double draw : draws_of(dice, 4)) ++counts[static_cast<std::size_t>(draw)];
  CHECK(counts[0] == 0);
  CHECK(counts[7] == 0);
  // Each count is binomial(100000, 1/6): 16667 with deviation 118.
  for (std::size_t i = 1; i <= 6; ++i) CHECK(std::abs(counts[i] - 16'667) < 4 * 118);

  const auto wide = Distribution::uniform(milliseconds{5}, milliseconds{15}).value();
  CHECK(kolmogorov(draws_of(wide, 5), [](double x) { return (x - 5e6) / 10e6; }) < 1.95);
}

TEST_CASE("distribution: the lognormal by mean and cv") {
  const auto distribution = Distribution::lognormal(milliseconds{10}, 2).value();
  CHECK(distribution.mean_ns() == Approx(10e6).epsilon(1e-12));
  CHECK(distribution.cv2() == Approx(4).epsilon(1e-12));
  check_mean(distribution, 6);
  // sigma² = log(1 + cv²) = log 5; mu = log(mean) - sigma²/2.
  const double sigma = std::sqrt(std::log(5.0));
  const double mu = std::log(10e6) - std::log(5.0) / 2;
  CHECK(kolmogorov(draws_of(distribution, 7),
                   [&](double x) { return normal_cdf((std::log(x) - mu) / sigma); }) < 1.95);
}

TEST_CASE("distribution: the lognormal by its quantiles has them") {
  const auto distribution =
      Distribution::lognormal_quantiles(milliseconds{8}, milliseconds{60}).value();
  const auto draws = draws_of(distribution, 8);
  const auto below = [&](double ns) {
    return static_cast<double>(std::ranges::count_if(draws, [&](double x) { return x <= ns; })) /
           static_cast<double>(draws.size());
  };
  // Binomial shares: deviations 0.0016 and 0.0003; four of them.
  CHECK(below(8e6) == Approx(0.5).margin(0.0064));
  CHECK(below(60e6) == Approx(0.99).margin(0.0013));
  check_mean(distribution, 9);
}

TEST_CASE("distribution: samples come back, each alike") {
  const std::vector<Duration> samples = {milliseconds{3}, milliseconds{1}, milliseconds{2},
                                         milliseconds{2}};
  const auto distribution = Distribution::empirical(samples).value();
  CHECK(distribution.mean_ns() == 2e6);
  CHECK(distribution.cv2() == Approx(0.125));  // variance 0.5 of mean 2
  int ones = 0;
  for (const double draw : draws_of(distribution, 10)) {
    REQUIRE((draw == 1e6 || draw == 2e6 || draw == 3e6));
    ones += draw == 1e6 ? 1 : 0;
  }
  CHECK(std::abs(ones - 25'000) < 4 * 137);
}

TEST_CASE("distribution: a histogram of a distribution gives the distribution back") {
  const auto original = Distribution::exponential(milliseconds{10}).value();
  stats::Histogram histogram;
  Random random{11};
  for (int i = 0; i < 1'000'000; ++i) histogram.record(original.sample(random));
  const auto distribution = Distribution::empirical(histogram).value();
  CHECK(distribution.mean_ns() == Approx(histogram.mean_ns()).epsilon(0.001));
  CHECK(distribution.cv2() == Approx(1).epsilon(0.02));
  check_mean(distribution, 12);
  // A million recorded values are themselves 0.001 off at worst, a third of the scale of this test.
  CHECK(kolmogorov(draws_of(distribution, 13), [](double x) { return 1 - std::exp(-x / 10e6); }) <
        1.95);
}

TEST_CASE(
    "distribution: within a bucket of a histogram draws are even, and stay within the values") {
  stats::Histogram histogram;
  histogram.record(nanoseconds{1'048'576});  // its bucket is 512 wide: up to 1'049'087
  histogram.record(nanoseconds{1'049'075});  // in the same one
  const auto distribution = Distribution::empirical(histogram).value();
  auto draws = draws_of(distribution, 14);
  CHECK(*std::ranges::min_element(draws) == 1'048'576);
  CHECK(*std::ranges::max_element(draws) == 1'049'075);
  CHECK(distribution.mean_ns() == 1'048'825.5);
  check_mean(distribution, 15);
}

TEST_CASE("distribution: a mix draws each part by its share") {
  const std::vector<std::pair<Share, Distribution>> parts = {
      {Share{0.9}, Distribution::constant(milliseconds{5}).value()},
      {Share{0.1}, Distribution::constant(milliseconds{100}).value()}};
  const auto mix = Distribution::mix(parts).value();
  CHECK(mix.mean_ns() == Approx(14.5e6));
  CHECK(mix.cv2() == Approx((0.9 * 25 + 0.1 * 10'000) / (14.5 * 14.5) - 1));
  check_mean(mix, 16);
}

TEST_CASE("distribution: a longer mean makes every draw longer, never another draw") {
  const auto faster = Distribution::exponential(milliseconds{10}).value();
  const auto slower = Distribution::exponential(milliseconds{20}).value();
  Random a{17};
  Random b{17};
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t difference = slower.sample(b).count() - 2 * faster.sample(a).count();
    REQUIRE(std::abs(difference) <= 1);  // what rounding to nanoseconds leaves
  }
}

TEST_CASE("distribution: the longest parameters stay in range") {
  Random random{18};
  const auto longest = Distribution::exponential(Distribution::kLongest).value();
  const auto tail = Distribution::lognormal(Distribution::kLongest, 100).value();
  for (int i = 0; i < 10'000; ++i) {
    for (const Duration draw : {longest.sample(random), tail.sample(random)}) {
      REQUIRE(draw >= Duration{});
      REQUIRE(draw <= Distribution::kLongest);
    }
  }
  CHECK(Distribution::uniform(Duration{}, Distribution::kLongest).value().sample(random) <=
        Distribution::kLongest);
}

TEST_CASE("distribution: a wrong parameter is named") {
  CHECK(field_of(Distribution::constant(nanoseconds{-1})) == "value");
  CHECK(field_of(Distribution::exponential(Duration{})) == "mean");
  CHECK(field_of(Distribution::exponential(Distribution::kLongest + nanoseconds{1})) == "mean");
  CHECK(field_of(Distribution::uniform(milliseconds{2}, milliseconds{1})) == "high");
  CHECK(field_of(Distribution::uniform(nanoseconds{-1}, milliseconds{1})) == "low");
  CHECK(Distribution::uniform(milliseconds{1}, milliseconds{1}));
  CHECK(field_of(Distribution::lognormal(Duration{}, 1)) == "mean");
  CHECK(field_of(Distribution::lognormal(milliseconds{1}, -0.1)) == "cv");
  CHECK(field_of(Distribution::lognormal(milliseconds{1}, 101)) == "cv");
  CHECK(field_of(Distribution::lognormal(milliseconds{1}, std::nan(""))) == "cv");
  CHECK(field_of(Distribution::lognormal_quantiles(Duration{}, milliseconds{1})) == "p50");
  CHECK(field_of(Distribution::lognormal_quantiles(milliseconds{2}, milliseconds{1})) == "p99");
  CHECK(field_of(Distribution::lognormal_quantiles(nanoseconds{1}, milliseconds{2})) == "p99");
  CHECK(Distribution::lognormal_quantiles(milliseconds{2}, milliseconds{2}));
  CHECK(field_of(Distribution::empirical(std::vector<Duration>{})) == "samples");
  CHECK(field_of(Distribution::empirical(std::vector<Duration>{nanoseconds{-1}})) == "samples");
  CHECK(field_of(Distribution::empirical(stats::Histogram{})) == "histogram");
  using Parts = std::vector<std::pair<Share, Distribution>>;
  CHECK(field_of(Distribution::mix(Parts{})) == "mix");
  CHECK(field_of(Distribution::mix(Parts{{Share{0.5}, {}}})) == "mix");
  CHECK(field_of(Distribution::mix(Parts{{Share{1.5}, {}}})) == "share");
}

}  // namespace
}  // namespace headgate::arrival
