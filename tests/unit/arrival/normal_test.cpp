#include "headgate/arrival/normal.hpp"

#include <catch2/catch.hpp>
#include <cmath>

namespace headgate::arrival {
namespace {

TEST_CASE("normal: quantiles are those of the published table") {
  // Algorithm AS 241's own check values, and the usual ones to 15 digits.
  CHECK(normal_quantile(0.25) == Approx(-0.6744897501960817).epsilon(1e-15));
  CHECK(normal_quantile(0.001) == Approx(-3.090232306167814).epsilon(1e-15));
  CHECK(normal_quantile(1e-20) == Approx(-9.262340089798408).epsilon(1e-15));
  CHECK(normal_quantile(0.975) == Approx(1.959963984540054).epsilon(1e-15));
  CHECK(normal_quantile(0.99) == Approx(2.3263478740408408).epsilon(1e-15));
  CHECK(normal_quantile(0.5) == 0);
}

TEST_CASE("normal: the C library's error function undoes it, across all three branches") {
  for (double p = 1e-300; p < 0.5; p *= 3) {
    const double back = std::erfc(-normal_quantile(p) / std::sqrt(2.0)) / 2;
    CAPTURE(p);
    // erfc magnifies an error of z by about z², 1400 of them at 1e-300.
    CHECK(back == Approx(p).epsilon(1e-12));
  }
  for (int i = 1; i < 1000; ++i) {
    CHECK(std::erfc(-normal_quantile(i / 1000.0) / std::sqrt(2.0)) / 2 ==
          Approx(i / 1000.0).epsilon(1e-14));
  }
}

}  // namespace
}  // namespace headgate::arrival
