#include "headgate/balance/slow_start.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

/// The share of all lots that a target of this age wins: they are a prefix, so its end is all there
/// is to find.
double share_at(const SlowStart& slow_start, Duration age) {
  std::uint64_t wins = 0;
  std::uint64_t loses = std::uint64_t{1} << 32;
  if (!slow_start.accepts(age, std::uint64_t{0})) return 0;
  while (loses - wins > 1) {
    const std::uint64_t middle = wins + (loses - wins) / 2;
    (slow_start.accepts(age, middle) ? wins : loses) = middle;
  }
  return static_cast<double>(loses) / 4294967296.0;
}

TEST_CASE("slow start: the linear ramp of a minute, in the table of its seconds") {
  const SlowStart slow_start{{.window = 60s, .aggression = 1, .min = Share{0.1}}};
  CHECK(share_at(slow_start, -5s) == Approx(0.1).margin(1e-8));
  CHECK(share_at(slow_start, 0s) == Approx(0.1).margin(1e-8));
  CHECK(share_at(slow_start, 3s) == Approx(0.1).margin(1e-8));
  CHECK(share_at(slow_start, 6s) == Approx(0.1).margin(1e-8));
  CHECK(share_at(slow_start, 15s) == Approx(0.25).margin(1e-8));
  CHECK(share_at(slow_start, 30s) == Approx(0.5).margin(1e-8));
  CHECK(share_at(slow_start, 59s) == Approx(59 / 60.0).margin(1e-8));
  CHECK(share_at(slow_start, 60s) == 1);
  CHECK(share_at(slow_start, 876'000h) == 1);
}

TEST_CASE("slow start: aggression 2 is a square root, 3 a cube root, 10 steep") {
  const SlowStart two{{.window = 100s, .aggression = 2, .min = Share{0}}};
  CHECK(share_at(two, 1s) == Approx(0.1).margin(1e-6));
  CHECK(share_at(two, 25s) == Approx(0.5).margin(1e-6));
  CHECK(share_at(two, 81s) == Approx(0.9).margin(1e-6));
  const SlowStart three{{.window = 1000s, .aggression = 3, .min = Share{0}}};
  CHECK(share_at(three, 1s) == Approx(0.1).margin(1e-6));
  CHECK(share_at(three, 125s) == Approx(0.5).margin(1e-6));
  CHECK(share_at(three, 729s) == Approx(0.9).margin(1e-6));
  const SlowStart ten{{.window = 1024s, .aggression = 10, .min = Share{0}}};
  CHECK(share_at(ten, 1s) == Approx(0.5).margin(1e-6));
}

TEST_CASE("slow start: without a least share a target that has just come wins no lot") {
  const SlowStart slow_start{{.window = 60s, .aggression = 1, .min = Share{0}}};
  CHECK(share_at(slow_start, 0s) == 0);
  CHECK(share_at(slow_start, 1ns) == Approx(1 / 60e9).margin(3e-10));
}

TEST_CASE("slow start: the least share may be all") {
  const SlowStart slow_start{{.window = 60s, .aggression = 1, .min = Share{1}}};
  CHECK(share_at(slow_start, 0s) == 1);
  CHECK(slow_start.window() == 60s);
}

}  // namespace
}  // namespace headgate::balance
