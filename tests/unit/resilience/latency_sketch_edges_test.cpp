// The percentile of a window, by hand: values below 16 are kept exactly, greater ones as the
// highest value of an eighth of their octave.
#include <catch2/catch.hpp>
#include <chrono>
#include <initializer_list>

#include "headgate/resilience/latency_sketch.hpp"
#include "support/time.hpp"

namespace headgate::resilience {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

/// Of these latencies, all in one window.
Duration percentile_of(double share, std::initializer_list<std::int64_t> latencies) {
  LatencySketch sketch(Ratio{share}, 1, 1s);
  for (const std::int64_t ns : latencies) sketch.record(Duration{ns}, at(0s));
  return sketch.percentile(at(1s));
}

TEST_CASE("latency sketch: the percentile is the smallest value that so many do not exceed") {
  CHECK(percentile_of(0.5, {4, 3, 2, 1}) == 2ns);  // the second of four
  CHECK(percentile_of(0.51, {4, 3, 2, 1}) == 3ns);
  CHECK(percentile_of(0.75, {4, 3, 2, 1}) == 3ns);
  CHECK(percentile_of(0.76, {4, 3, 2, 1}) == 4ns);
  CHECK(percentile_of(0.142'857'143, {7, 6, 5, 4, 3, 2, 1}) == 2ns);  // a billionth more than one
  CHECK(percentile_of(0.000'001, {4, 3, 2}) == 2ns);
  CHECK(percentile_of(0.5, {0}) == 0ns);
  CHECK(percentile_of(0.5, {-5}) == 0ns);
}

TEST_CASE("latency sketch: a value is known to an eighth of its octave") {
  for (std::int64_t ns = 0; ns < 16; ++ns) CHECK(percentile_of(0.5, {ns}) == Duration{ns});
  CHECK(percentile_of(0.5, {16}) == 17ns);  // 16 and 17 are one
  CHECK(percentile_of(0.5, {17}) == 17ns);
  CHECK(percentile_of(0.5, {18}) == 19ns);
  CHECK(percentile_of(0.5, {31}) == 31ns);
  CHECK(percentile_of(0.5, {32}) == 35ns);
  CHECK(percentile_of(0.5, {1000}) == 1023ns);  // 960 to 1023
  CHECK(percentile_of(0.5, {960}) == 1023ns);
  CHECK(percentile_of(0.5, {959}) == 959ns);  // 896 to 959
  CHECK(percentile_of(0.5, {Duration::max().count()}) == Duration::max());
}

TEST_CASE("latency sketch: it tells of the last whole window, and only of enough") {
  LatencySketch sketch(Ratio{0.5}, 2, 1s);
  sketch.record(1ns, at(0s));
  sketch.record(1ns, at(1s - 1ns));
  CHECK(sketch.percentile(at(1s - 1ns)) == kNever);  // not over yet
  CHECK(sketch.percentile(at(1s)) == 1ns);
  sketch.record(5ns, at(1s));
  CHECK(sketch.percentile(at(2s - 1ns)) == 1ns);
  CHECK(sketch.percentile(at(2s)) == kNever);  // one is too few
  sketch.record(7ns, at(2s));
  sketch.record(7ns, at(2s));
  CHECK(sketch.percentile(at(3s)) == 7ns);
  CHECK(sketch.percentile(at(4s)) == kNever);  // nothing came since
}

TEST_CASE("latency sketch: after more than a window without a word it knows nothing") {
  LatencySketch sketch(Ratio{0.5}, 1, 1s);
  sketch.record(1ns, at(0s));
  CHECK(sketch.percentile(at(2s)) == kNever);
  sketch.record(2ns, at(2500ms));
  CHECK(sketch.percentile(at(3s)) == 2ns);  // windows stay at multiples of their length
  LatencySketch empty(Ratio{0.5}, 0, 1s);
  CHECK(empty.percentile(at(1s)) == kNever);
}

}  // namespace
}  // namespace headgate::resilience
