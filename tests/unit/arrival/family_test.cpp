// The families of distributions that need more than a logarithm, against mpmath 1.4 (40 digits) and
// closed forms.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/gamma_quantile.hpp"
#include "headgate/arrival/pareto.hpp"
#include "sampling.hpp"

namespace headgate::arrival {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kMean = milliseconds{10};

struct QuantileCase {
  double shape;
  double p;
  double value;
};

TEST_CASE("gamma quantile: it is the inverse of the incomplete gamma function") {
  // mpmath: the root of gammainc(a, 0, x, regularized=True) = p, over a.
  const std::vector<QuantileCase> cases = {
      {0.25, 0.3, 0.0219652098971},    {0.25, 0.5, 0.174695209411},
      {0.25, 0.9, 3.00157148895},      {0.25, 0.99, 9.73554168879},
      {0.25, 0.999999, 42.7512703058}, {1, 1e-6, 1.0000005e-6},
      {1, 0.3, 0.356674943939},        {1, 0.999999, 13.815510558},
      {2, 1e-6, 0.00070744033074},     {2, 0.01, 0.0742773701266},
      {2, 0.3, 0.548674605352},        {2, 0.5, 0.839173495008},
      {2, 0.9, 1.94486008493},         {2, 0.99, 3.319176034},
      {4.5, 1e-6, 0.0253760933415},    {4.5, 0.01, 0.231988970652},
      {4.5, 0.9, 1.63151739703},       {4.5, 0.999999, 4.97899309674},
      {50, 1e-6, 0.465013307159},      {50, 0.5, 0.99334129236},
      {50, 0.999999, 1.8212677712},    {1000, 1e-6, 0.856814651279},
      {1000, 0.3, 0.983178446758},     {1000, 0.999999, 1.15757791101},
      {0.01, 0.99, 26.5052550252},     {0.01, 0.999999, 715.125347811}};
  for (const auto& [shape, p, value] : cases) {
    CAPTURE(shape, p);
    CHECK(GammaQuantile{shape}(p) == Approx(value).epsilon(2e-6).margin(1e-7));
  }
  // Where a cubic cannot follow, a value of next to nothing stays one: Q(0.9) = 0.0015, Q(0.01) is
  // 1e-199.
  CHECK(GammaQuantile{0.01}(0.9) == Approx(0.00150359362307).epsilon(1e-3));
  CHECK(GammaQuantile{0.01}(0.01) < 1e-100);
  CHECK(GammaQuantile{0.01}(0.01) >= 0);
}

TEST_CASE("gamma quantile: it rises with the share, to the last of 53 bits") {
  for (const double shape : {0.01, 0.3, 1.0, 7.0, 1000.0}) {
    CAPTURE(shape);
    const GammaQuantile quantile{shape};
    double before = quantile(0x1p-53);
    CHECK(before >= 0);
    for (int i = 1; i < 5000; ++i) {
      const double value = quantile(i / 5000.0);
      REQUIRE(value >= before);
      before = value;
    }
    CHECK(quantile(1 - 0x1p-53) > before);
  }
}

TEST_CASE("distribution: the erlang of four stages") {
  const auto distribution = Distribution::erlang(kMean, 4).value();
  CHECK(distribution.mean_ns() == 10e6);
  CHECK(distribution.cv2() == Approx(0.25));
  check_mean(distribution, 31);
  // The distribution function of a sum of four exponentials of 2.5 ms.
  CHECK(kolmogorov(draws_of(distribution, 32), [](double ns) {
          const double x = ns / 2.5e6;
          return 1 - std::exp(-x) * (1 + x + x * x / 2 + x * x * x / 6);
        }) < 1.95);
}

TEST_CASE("distribution: an erlang of one stage is the exponential, draw for draw") {
  const auto one = Distribution::erlang(kMean, 1).value();
  const auto exponential = Distribution::exponential(kMean).value();
  Random a{33};
  Random b{33};
  for (int i = 0; i < 100; ++i) CHECK(one.sample(a) == exponential.sample(b));
}

TEST_CASE("distribution: both phases of the hyperexponential contribute half of the mean") {
  const auto distribution = Distribution::hyperexponential(kMean, 4).value();
  CHECK(distribution.mean_ns() == Approx(10e6));
  CHECK(distribution.cv2() == Approx(4));
  check_mean(distribution, 34);
  const double p = (1 + std::sqrt(3.0 / 5)) / 2;
  CHECK(kolmogorov(draws_of(distribution, 35), [p](double ns) {
          const double x = ns / 10e6;
          return 1 - p * std::exp(-2 * p * x) - (1 - p) * std::exp(-2 * (1 - p) * x);
        }) < 1.95);
  CHECK(Distribution::hyperexponential(kMean, 1).value().cv2() == Approx(1));
}

TEST_CASE("distribution: the weibull has its mean, its cv² and its distribution function") {
  // Gamma(1 + 2/k) / Gamma(1 + 1/k)² - 1, by mpmath.
  CHECK(Distribution::weibull(kMean, 0.5).value().cv2() == Approx(5));
  CHECK(Distribution::weibull(kMean, 2).value().cv2() == Approx(0.273239544735));
  CHECK(Distribution::weibull(kMean, 0.1).value().cv2() == Approx(184'755));
  CHECK(Distribution::weibull(kMean, 100).value().cv2() == Approx(0.000162139705591));
  const auto distribution = Distribution::weibull(kMean, 0.5).value();
  CHECK(distribution.mean_ns() == Approx(10e6));
  check_mean(distribution, 36);
  // At k = 1/2 the mean is twice the scale: F(x) = 1 - exp(-sqrt(x / 5 ms)).
  CHECK(kolmogorov(draws_of(distribution, 37),
                   [](double ns) { return 1 - std::exp(-std::sqrt(ns / 5e6)); }) < 1.95);
}

TEST_CASE("distribution: the gamma of cv² two is half a squared normal") {
  const auto distribution = Distribution::gamma(kMean, 2).value();
  CHECK(distribution.mean_ns() == 10e6);
  CHECK(distribution.cv2() == Approx(2));
  check_mean(distribution, 38);
  // Shape one half: chi square with one degree of freedom, of mean 10 ms.
  CHECK(kolmogorov(draws_of(distribution, 39),
                   [](double ns) { return std::erf(std::sqrt(ns / 10e6 / 2)); }) < 1.95);
}

struct ParetoCase {
  double shape;
  double max;
  double lowest;
  double cv2;
  double p50;
  double p99;
};

TEST_CASE("pareto: lowest value, moments and quantiles of the bounded form") {
  // mpmath: the lowest value that gives the mean 10, by quadrature of the density and bisection.
  const std::vector<ParetoCase> cases = {
      {1.5, 10'000, 3.39589178252, 17.4279455787, 5.39061969855, 73.1320684582},
      {1, 1000, 1.54211507489, 14.4211507489, 3.07948123534, 133.78641656},
      {0.5, 100, 1, 2.7, 3.30578512397, 84.1679993267},
      {2, 10'000, 5.00250125063, 2.80400517242, 7.07460422921, 50.0243928387},
      {30, 20, 9.66666667015, 0.00119047580513, 9.89261429275, 11.2705058696}};
  for (const ParetoCase& expected : cases) {
    CAPTURE(expected.shape);
    const BoundedPareto pareto{10, expected.shape, expected.max};
    CHECK(pareto.quantile(0) == Approx(expected.lowest).epsilon(1e-10));
    CHECK(pareto.quantile(0.5) == Approx(expected.p50).epsilon(1e-10));
    CHECK(pareto.quantile(0.99) == Approx(expected.p99).epsilon(1e-9));
    CHECK(pareto.quantile(1 - 0x1p-53) <= expected.max);
    CHECK(pareto.moment(1) == Approx(10).epsilon(1e-10));
    CHECK(pareto.moment(2) / 100 - 1 == Approx(expected.cv2).epsilon(1e-9));
  }
}

TEST_CASE("distribution: the pareto is cut off at its longest") {
  const auto distribution = Distribution::pareto(kMean, 1.5, seconds{10}).value();
  CHECK(distribution.mean_ns() == Approx(10e6));
  CHECK(distribution.cv2() == Approx(17.4279455787));
  check_mean(distribution, 40);
  const auto draws = draws_of(distribution, 41);
  CHECK(*std::ranges::min_element(draws) >= 3'395'891);
  CHECK(*std::ranges::max_element(draws) <= 10e9);
}

TEST_CASE("distribution: the extreme parameters of every family draw, and within range") {
  const auto longest = Distribution::kLongest;
  const auto shortest = std::chrono::nanoseconds{1};
  const std::vector<Distribution> extremes = {
      Distribution::erlang(longest, 1000).value(),
      Distribution::hyperexponential(longest, 10'000).value(),
      Distribution::weibull(longest, 0.1).value(),
      Distribution::weibull(shortest, 100).value(),
      Distribution::gamma(longest, 100).value(),
      Distribution::gamma(longest, 0.001).value(),
      Distribution::pareto(shortest, 0.1, longest).value(),
      Distribution::pareto(shortest, 100, longest).value(),
      Distribution::pareto(longest - milliseconds{1}, 100, longest).value()};
  Random random{42};
  for (const Distribution& extreme : extremes) {
    CHECK(std::isfinite(extreme.mean_ns()));
    CHECK(std::isfinite(extreme.cv2()));
    for (int i = 0; i < 2000; ++i) {
      const Duration draw = extreme.sample(random);
      REQUIRE(draw >= Duration{});
      REQUIRE(draw <= longest);
    }
  }
}

TEST_CASE("distribution: a greater uniform number is a longer duration, in every family") {
  // Two streams alike, one parameter changed: with common random numbers a longer mean is longer
  // for each single customer.
  const auto pairs = std::vector<std::pair<Distribution, Distribution>>{
      {Distribution::erlang(kMean, 4).value(), Distribution::erlang(2 * kMean, 4).value()},
      {Distribution::hyperexponential(kMean, 4).value(),
       Distribution::hyperexponential(2 * kMean, 4).value()},
      {Distribution::weibull(kMean, 0.5).value(), Distribution::weibull(2 * kMean, 0.5).value()},
      {Distribution::gamma(kMean, 0.5).value(), Distribution::gamma(2 * kMean, 0.5).value()}};
  for (const auto& [faster, slower] : pairs) {
    Random a{43};
    Random b{43};
    for (int i = 0; i < 1000; ++i) {
      const std::int64_t difference = slower.sample(b).count() - 2 * faster.sample(a).count();
      REQUIRE(std::abs(difference) <= 1);
    }
  }
}

TEST_CASE("distribution: a wrong parameter of a family is named") {
  using D = Distribution;
  CHECK(field_of(D::erlang(Duration{}, 4)) == "mean");
  CHECK(field_of(D::erlang(D::kLongest + std::chrono::nanoseconds{1}, 4)) == "mean");
  CHECK(field_of(D::erlang(kMean, 0)) == "stages");
  CHECK(field_of(D::erlang(kMean, 1001)) == "stages");
  CHECK(field_of(D::hyperexponential(kMean, 0.99)) == "cv2");
  CHECK(field_of(D::hyperexponential(kMean, 10'001)) == "cv2");
  CHECK(field_of(D::hyperexponential(kMean, std::nan(""))) == "cv2");
  CHECK(field_of(D::weibull(kMean, 0.09)) == "shape");
  CHECK(field_of(D::weibull(kMean, 101)) == "shape");
  CHECK(field_of(D::gamma(kMean, 0)) == "cv2");
  CHECK(field_of(D::gamma(kMean, 101)) == "cv2");
  CHECK(field_of(D::pareto(kMean, 0, seconds{1})) == "shape");
  CHECK(field_of(D::pareto(kMean, 1.5, kMean)) == "max");
  CHECK(field_of(D::pareto(kMean, 1.5, D::kLongest + std::chrono::nanoseconds{1})) == "max");
}

}  // namespace
}  // namespace headgate::arrival
