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

}  // namespace
}  // namespace headgate::stats
