// Our own elementary functions against mpmath 1.4 at 40 digits, and against the C library's.
#include "headgate/arrival/elementary.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>
#include <vector>

#include "headgate/arrival/logarithm.hpp"

namespace headgate::arrival {
namespace {

using Values = std::vector<std::pair<double, double>>;

/// How far `value` is from `truth`, in units of the last place of `truth`.
double ulps(double value, double truth) {
  const double ulp =
      std::nextafter(std::abs(truth), std::numeric_limits<double>::infinity()) - std::abs(truth);
  return std::abs(value - truth) / ulp;
}

TEST_CASE("logarithm: the values of mpmath, from the smallest share to large numbers") {
  for (const auto& [x, truth] : Values{{0x1p-53, -36.736800569677101399},
                                       {0.1, -2.3025850929940456285},
                                       {0.5, -0.69314718055994530942},
                                       {0.709, -0.34389975245000960425},
                                       {0.999, -0.0010005003335835343892},
                                       {1.0009765625, 0.00097608597305545889596},
                                       {1.5, 0.40546510810816438198},
                                       {2, 0.69314718055994530942},
                                       {1e6, 13.815510557964274104},
                                       {1e-300, -690.77552789821370518}}) {
    CAPTURE(x);
    CHECK(ulps(natural_log(x), truth) <= 2);
  }
  CHECK(natural_log(1) == 0);
}

TEST_CASE(
    "logarithm: all over a binade and at every seam it is within two units of the library's") {
  double worst = 0;
  for (int i = 1; i < 40'000; ++i) {
    const double x = i / 20'000.0;
    worst = std::max(worst, ulps(natural_log(x), std::log(x)));
  }
  for (const auto& interval : logarithm::kIntervals) {
    for (const double x : {std::nextafter(interval.centre, 0.0), interval.centre,
                           std::nextafter(interval.centre, 2.0), interval.centre * (1 - 0x1p-8),
                           interval.centre * (1 + 0x1p-8)}) {
      if (x != 1) worst = std::max(worst, ulps(natural_log(x), std::log(x)));
    }
  }
  CHECK(worst <= 2);
}

TEST_CASE("logarithm: a greater uniform number is a longer exponential") {
  double before = -natural_log(1);
  CHECK(before == 0);
  for (int i = 1; i < 50'000; ++i) {
    const double now = -natural_log(1 - i / 50'000.0);
    REQUIRE(now > before);
    before = now;
  }
}

TEST_CASE("elementary: exponential, growth and log gamma have the values of mpmath") {
  for (const auto& [x, truth] : Values{{-700, 9.8596765437597708567e-305},
                                       {-36.7, 1.1518409493076096322e-16},
                                       {-1, 0.3678794411714423216},
                                       {-0.3, 0.74081822068171787429},
                                       {1e-10, 1.0000000001},
                                       {0.3466, 1.4142509118505286742},
                                       {1, 2.7182818284590452354},
                                       {20.5, 799902177.4755054067},
                                       {700, 1.0142320547350045095e+304}}) {
    CAPTURE(x);
    CHECK(ulps(natural_exp(x), truth) <= 2);
  }
  CHECK(natural_exp(0) == 1);
  CHECK(natural_exp(-1e6) == 0);
  CHECK(natural_exp(1e6) == std::numeric_limits<double>::max());
  for (const auto& [x, truth] : Values{{-50, 0.02},
                                       {-0.4, 0.8241998849109017396},
                                       {1e-12, 1.0000000000005},
                                       {0.5, 1.2974425414002562937},
                                       {0.51, 1.3044925391095810032},
                                       {30, 356215819384.1154049}}) {
    CAPTURE(x);
    CHECK(growth(x) == Approx(truth).epsilon(1e-15));
  }
  for (const auto& [x, truth] : Values{{0.01, 4.5994798780420217016},
                                       {0.5, 0.57236494292470008707},
                                       {2.5, 0.28468287047291915963},
                                       {11, 15.104412573075515295},
                                       {1000, 5905.2204232091812118}}) {
    CAPTURE(x);
    CHECK(log_gamma(x) == Approx(truth).epsilon(1e-14));
  }
  CHECK(std::abs(log_gamma(1)) < 1e-14);
  CHECK(power(2, 10) == Approx(1024).epsilon(1e-14));
  CHECK(power(0, 0.5) == 0);
}

TEST_CASE("elementary: our own sine is the sine") {
  for (int i = 0; i < 1000; ++i) {
    const double x = i / 1000.0;
    REQUIRE(std::abs(sine_of_turn(x) - std::sin(2 * std::numbers::pi * x)) < 2e-15);
  }
  CHECK(sine_of_turn(0) == 0);
  CHECK(sine_of_turn(0.25) == Approx(1).epsilon(1e-15));
}

}  // namespace
}  // namespace headgate::arrival
