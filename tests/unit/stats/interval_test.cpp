#include "headgate/stats/interval.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>

#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

TEST_CASE("interval: quantiles of Student's t are those of the printed tables") {
  struct Row {
    double p;
    double freedom;
    double t;
  };
  // Abramowitz, Stegun, table 26.10, and NIST/SEMATECH e-Handbook, section 1.3.6.7.2.
  constexpr std::array kTable = std::to_array<Row>({{0.975, 1, 12.706},
                                                    {0.975, 2, 4.303},
                                                    {0.975, 4, 2.776},
                                                    {0.975, 9, 2.262},
                                                    {0.995, 9, 3.250},
                                                    {0.95, 1, 6.314},
                                                    {0.95, 10, 1.812},
                                                    {0.975, 30, 2.042},
                                                    {0.975, 100, 1.984},
                                                    {0.999, 5, 5.893},
                                                    {0.999, 60, 3.232}});
  for (const Row& row : kTable) {
    CAPTURE(row.p, row.freedom);
    CHECK(student_t_quantile(row.p, row.freedom) == Approx(row.t).margin(0.0005));
    CHECK(student_t_quantile(1 - row.p, row.freedom) == Approx(-row.t).margin(0.0005));
  }
}

TEST_CASE(
    "interval: quantiles of Student's t are right to twelve digits where a closed form says") {
  for (const double p : {0.501, 0.6, 0.9, 0.975, 0.9999, 1 - 1e-9}) {
    const double one = 1 / std::tan(std::numbers::pi * (1 - p));        // one degree: Cauchy
    const double two = (2 * p - 1) * std::sqrt(2 / (4 * p * (1 - p)));  // two degrees
    CAPTURE(p);
    CHECK(student_t_quantile(p, 1) == Approx(one).epsilon(1e-10));
    CHECK(student_t_quantile(p, 2) == Approx(two).epsilon(1e-10));
  }
  CHECK(student_t_quantile(0.5, 7) == 0);
}

TEST_CASE("interval: Student's t becomes the normal distribution") {
  CHECK(student_t_quantile(0.975, 1e7) == Approx(1.959963984540054).epsilon(1e-6));
}

TEST_CASE("interval: five replications worked by hand") {
  // Mean 10, squared deviations 4+1+0+1+4, variance 2.5, error sqrt(2.5/5) = 0.70711; t(4)
  // = 2.77645.
  constexpr std::array kValues{8.0, 9.0, 10.0, 11.0, 12.0};
  const Estimate estimate = mean_interval(kValues);
  CHECK(estimate.value == 10);
  CHECK(estimate.low == Approx(10 - 1.963243).margin(1e-5));
  CHECK(estimate.high == Approx(10 + 1.963243).margin(1e-5));
  CHECK(estimate.confidence == 0.95);
}

TEST_CASE("interval: one replication says nothing about its error") {
  constexpr std::array kValues{8.0};
  CHECK(mean_interval(kValues) == single_value(8));
  CHECK(single_value(8).confidence == 0);
}

TEST_CASE("interval: ninety of a hundred intervals of 90 % cover the truth") {
  // Sums of twelve uniforms, mean 6; 1000 experiments of six replications. The number that covers
  // is binomial(1000, 0.9) with deviation 9.5; four of them are allowed on this fixed seed.
  Random random{17};
  int covers = 0;
  for (int experiment = 0; experiment < 1000; ++experiment) {
    std::array<double, 6> means{};
    for (double& mean : means) {
      for (int i = 0; i < 12; ++i) mean += random.uniform();
    }
    const Estimate estimate = mean_interval(means, 0.9);
    covers += estimate.low <= 6 && 6 <= estimate.high ? 1 : 0;
  }
  CHECK(covers > 862);
  CHECK(covers < 938);
}

TEST_CASE("interval: overlapping batches of two, worked by hand") {
  // 1 3 2 6: mean 3, batches 2, 2.5, 4: squares 1 + 0.25 + 1 = 2.25, variance of the mean
  // 2.25 * 2 / ((4 - 2) * 3) = 0.75; 1.5 (4/2 - 1) = 1.5 degrees of freedom.
  constexpr std::array kSections{1.0, 3.0, 2.0, 6.0};
  const Estimate estimate = section_interval(kSections, 2);
  CHECK(estimate.value == 3);
  CHECK((estimate.high - 3) / student_t_quantile(0.975, 1.5) == Approx(std::sqrt(0.75)));
  CHECK(3 - estimate.low == Approx(estimate.high - 3));
  CHECK(section_interval(kSections, 4) == single_value(3));
}

TEST_CASE("interval: overlapping batches cover the truth although neighbours are alike") {
  // x' = 0.6 x + e from the stationary start: correlations 0.6, 0.36, … between sections. As if
  // independent, 95 % intervals would cover 67 %: the error is twice as large as it looks. Batches
  // of twelve see nine tenths of it.
  Random random{5};
  const auto normal = [&random] {
    double sum = -6;
    for (int k = 0; k < 12; ++k) sum += random.uniform();
    return sum;
  };
  int covers = 0;
  int naive = 0;
  for (int experiment = 0; experiment < 1000; ++experiment) {
    std::array<double, 120> sections{};
    double x = normal() / 0.8;
    for (double& section : sections) section = x = 0.6 * x + normal();
    const Estimate estimate = section_interval(sections, 12);
    covers += estimate.low <= 0 && 0 <= estimate.high ? 1 : 0;
    const Estimate as_if = mean_interval(sections);
    naive += as_if.low <= 0 && 0 <= as_if.high ? 1 : 0;
  }
  CHECK(covers > 910);
  CHECK(naive < 750);
}

TEST_CASE("interval: a quantile is that of all values, and a bias of its parts widens it") {
  // Parts 1/e, 1 and e^2 times 11: logarithms -1, 0, 2, error sqrt(5 / 2 / 3); t(2) = 4.30265.
  const std::array parts{11 * std::exp(-1.0), 11.0, 11 * std::exp(2.0)};
  const Estimate estimate = quantile_interval(11, parts);
  CHECK(estimate.value == 11);
  CHECK(estimate.high == Approx(11 * std::exp(4.30265 * std::sqrt(5.0 / 6))).epsilon(1e-4));
  CHECK(estimate.low == Approx(11 / std::exp(4.30265 * std::sqrt(5.0 / 6))).epsilon(1e-4));
  // Where one may be zero, by the values: 0, 9, 10 around 11, squares 121 + 4 + 1 = 126.
  constexpr std::array kZero{0.0, 9.0, 10.0};
  CHECK(quantile_interval(11, kZero).high ==
        Approx(11 + 4.30265 * std::sqrt(126.0 / 6)).epsilon(1e-5));
  constexpr std::array kOne{8.0};
  CHECK(quantile_interval(11, kOne) == single_value(11));
}

TEST_CASE("difference: three pairs worked by hand") {
  // Differences 1, 2, 3: mean 2, error sqrt(1/3); t(2) = 4.30265; the two rise together.
  constexpr std::array a{3.0, 5.0, 7.0};
  constexpr std::array b{2.0, 3.0, 4.0};
  const Difference difference = paired_difference(a, b);
  CHECK(difference.estimate.value == 2);
  CHECK(difference.estimate.high == Approx(2 + 4.30265 / std::sqrt(3.0)).epsilon(1e-5));
  CHECK(difference.correlation == Approx(1));
  constexpr std::array turned{4.0, 3.0, 2.0};
  CHECK(paired_difference(a, turned).correlation == Approx(-1));
  constexpr std::array same{1.0, 1.0, 1.0};
  CHECK(paired_difference(a, same).correlation == 0);
}

}  // namespace
}  // namespace headgate::stats
