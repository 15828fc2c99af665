#include "headgate/stats/knee.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace headgate::stats {
namespace {

// 1 / (1 - x) for x = 0, 0.05, … 0.95: scaled, x/0.95 - (1/(1-x) - 1)/19 is greatest where
// (1 - x)^2 = 0.95/19, at x = 0.776: next to it on the grid are 0.75 and 0.8.
std::vector<CurvePoint> hyperbola() {
  std::vector<CurvePoint> curve;
  for (int i = 0; i < 20; ++i) curve.push_back({.x = 0.05 * i, .y = 1 / (1 - 0.05 * i)});
  return curve;
}

TEST_CASE("knee: of 1 / (1 - x) up to 0.95 it lies at 0.776, by calculus") {
  const auto knee = kneedle(hyperbola());
  REQUIRE(knee.has_value());
  CHECK(*knee > 0.74);
  CHECK(*knee < 0.81);
}

TEST_CASE("knee: 1 / (1 - x) is twice its start at one half") {
  CHECK(grown_to(hyperbola(), 2).value() == Approx(0.5));
  CHECK(grown_to(hyperbola(), 4).value() == Approx(0.75));
  CHECK_FALSE(grown_to(hyperbola(), 21).has_value());
}

TEST_CASE("knee: between points it is interpolated") {
  const std::vector<CurvePoint> line{{.x = 0, .y = 1}, {.x = 10, .y = 1}, {.x = 20, .y = 5}};
  CHECK(grown_to(line, 2).value() == Approx(12.5));
  CHECK(kneedle(line).value() == 10);
}

TEST_CASE("knee: a straight or a falling curve has none") {
  const std::vector<CurvePoint> line{{.x = 0, .y = 1}, {.x = 1, .y = 2}, {.x = 2, .y = 3}};
  CHECK_FALSE(kneedle(line).has_value());
  const std::vector<CurvePoint> falling{{.x = 0, .y = 3}, {.x = 1, .y = 2}, {.x = 2, .y = 0}};
  CHECK_FALSE(kneedle(falling).has_value());
  CHECK_FALSE(kneedle(std::vector<CurvePoint>{}).has_value());
}

}  // namespace
}  // namespace headgate::stats
