// Expected values are worked by hand; those of the success rate in the comments.
#include "headgate/resilience/outlier.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "headgate/core/random.hpp"
#include "steps.hpp"

namespace headgate::resilience {
namespace {

Outlier make(const Outlier::Config& config, std::size_t count) {
  auto made = Outlier::make(config, count);
  REQUIRE(made);
  return *std::move(made);
}

/// Only failures in a row eject.
constexpr Outlier::Config kInARow{
    .consecutive_failures = 3, .success_rate = false, .min_targets = 1000};

void calls(Outlier& outlier, std::size_t target, int all, int failed, TimePoint now) {
  for (int i = 0; i < failed; ++i) outlier.record(target, true, now);
  for (int i = failed; i < all; ++i) outlier.record(target, false, now);
}

TEST_CASE("outlier: the n-th failure in a row ejects at once, for base_time") {
  Outlier outlier = make(kInARow, 10);
  CHECK_FALSE(outlier.record(4, true, at(1s)));
  CHECK_FALSE(outlier.record(4, true, at(1s)));
  CHECK_FALSE(outlier.record(4, false, at(1s)));
  CHECK_FALSE(outlier.record(4, true, at(1s)));
  CHECK_FALSE(outlier.record(4, true, at(1s)));
  CHECK_FALSE(outlier.is_ejected(4));
  CHECK(outlier.record(4, true, at(1s)));
  CHECK(outlier.is_ejected(4));
  CHECK(outlier.ejected_until(4) == at(31s));
  CHECK_FALSE(outlier.is_ejected(3));
  CHECK(outlier.ejections() == 1);
  CHECK_FALSE(outlier.record(4, true, at(1s)));  // a late answer
  CHECK(outlier.ejections() == 1);
}

TEST_CASE("outlier: late answers of a target that is out do not eject it again") {
  Outlier::Config config = kInARow;
  config.max_ejected = Share{0.5};
  Outlier outlier = make(config, 10);
  for (int i = 0; i < 9; ++i) outlier.record(4, true, at(1s));
  CHECK(outlier.ejections() == 1);
  CHECK(outlier.ejected_until(4) == at(31s));
}

TEST_CASE("outlier: it comes back at the end of its time, with a clean sheet") {
  Outlier outlier = make(kInARow, 10);
  for (int i = 0; i < 3; ++i) outlier.record(4, true, at(1s));
  CHECK(outlier.next_timeout() == at(10s));  // the interval
  outlier.on_timeout(at(30s));
  CHECK(outlier.next_timeout() == at(31s));  // the ejection
  CHECK_FALSE(outlier.on_timeout(at(31s) - 1ns));
  CHECK(outlier.is_ejected(4));
  CHECK(outlier.on_timeout(at(31s)));
  CHECK_FALSE(outlier.is_ejected(4));
  CHECK(outlier.ejected_count() == 0);
  CHECK_FALSE(outlier.record(4, true, at(31s)));
  CHECK_FALSE(outlier.record(4, true, at(31s)));
  CHECK(outlier.record(4, true, at(31s)));
}

TEST_CASE("outlier: each ejection is longer by base_time, up to max_time") {
  Outlier::Config config = kInARow;
  config.base_time = 30s;
  config.max_time = 100s;
  Outlier outlier = make(config, 10);
  TimePoint now = at(1s);
  for (const Duration length : std::vector<Duration>{30s, 60s, 90s, 100s, 100s, 100s}) {
    for (int i = 0; i < 3; ++i) outlier.record(4, true, now);
    REQUIRE(outlier.is_ejected(4));
    CHECK(outlier.ejected_until(4) - now == length);
    now = outlier.ejected_until(4);
    outlier.on_timeout(now);
  }
}

TEST_CASE("outlier: an interval without an ejection takes one step back") {
  Outlier outlier = make(kInARow, 10);
  for (int i = 0; i < 3; ++i) outlier.record(4, true, at(0s));
  outlier.on_timeout(at(30s));
  for (int i = 0; i < 3; ++i) outlier.record(4, true, at(30s));
  REQUIRE(outlier.ejected_until(4) == at(90s));  // the second: 60 s
  outlier.on_timeout(at(90s));
  outlier.on_timeout(at(100s));  // a whole quiet interval
  for (int i = 0; i < 3; ++i) outlier.record(4, true, at(101s));
  CHECK(outlier.ejected_until(4) == at(161s));  // the second again, not the third
}

TEST_CASE("outlier: at most max(1, floor(share N)) are out, and never the last one") {
  const std::vector<std::pair<std::pair<std::size_t, double>, std::size_t>> table{
      {{0, 0.1}, 0},  {{1, 0.1}, 0},  {{1, 1.0}, 0},  {{2, 0.1}, 1},  {{2, 1.0}, 1},
      {{3, 0.1}, 1},  {{3, 0.66}, 1}, {{3, 0.7}, 2},  {{3, 1.0}, 2},  {{4, 0.5}, 2},
      {{10, 0.1}, 1}, {{19, 0.1}, 1}, {{20, 0.1}, 2}, {{10, 1.0}, 9}, {{100, 0.29}, 29}};
  for (const auto& [pool, most] : table) {
    CAPTURE(pool.first, pool.second);
    Outlier::Config config = kInARow;
    config.max_ejected = Share{pool.second};
    Outlier outlier = make(config, pool.first);
    CHECK(outlier.ejected_max() == most);
    for (std::size_t target = 0; target < pool.first; ++target) {
      calls(outlier, target, 5, 5, at(0s));
    }
    CHECK(outlier.ejected_count() == most);
  }
}

TEST_CASE("outlier: a success rate below mean - k stdev ejects, one above it does not") {
  // Nine targets at 100 %, one at x: mean = (900 + x) / 10, stdev = (100 - x) * 3 / 10; below
  // the mean by (100 - x) * 9 / 10, which is exactly 3 stdev for every x.
  for (const auto& [factor, ejected] :
       std::vector<std::pair<double, bool>>{{1.9, true}, {2.999, true}, {3.0, false}, {4, false}}) {
    CAPTURE(factor);
    Outlier outlier =
        make({.consecutive_failures = 0, .stdev_factor = factor, .min_targets = 5}, 10);
    for (std::size_t target = 0; target < 10; ++target) {
      calls(outlier, target, 100, target == 7 ? 10 : 0, at(1s));
    }
    CHECK_FALSE(outlier.on_timeout(at(10s) - 1ns));
    CHECK(outlier.on_timeout(at(10s)) == ejected);
    CHECK(outlier.is_ejected(7) == ejected);
    CHECK(outlier.ejected_count() == (ejected ? 1 : 0));
  }
}

TEST_CASE("outlier: success rates are not compared unless that is asked for") {
  Outlier outlier = make({.consecutive_failures = 0, .success_rate = false, .min_targets = 5}, 10);
  for (std::size_t target = 0; target < 10; ++target) {
    calls(outlier, target, 100, target == 7 ? 90 : 0, at(1s));
  }
  CHECK_FALSE(outlier.on_timeout(at(10s)));
}

TEST_CASE("outlier: the integer rule agrees with the textbook's floating point") {
  Random random{11};
  int ejections = 0;
  for (int round = 0; round < 300; ++round) {
    Outlier outlier =
        make({.consecutive_failures = 0, .min_targets = 5, .max_ejected = Share{1.0}}, 12);
    std::vector<double> rates;
    for (std::size_t target = 0; target < 12; ++target) {
      const int failed =
          static_cast<int>(random.below(round % 2 == 0 ? 40 : 12)) * (random.below(4) == 0 ? 2 : 1);
      calls(outlier, target, 100, failed, at(1s));
      rates.push_back(100 - failed);
    }
    double sum = 0;
    for (const double rate : rates) sum += rate;
    const double mean = sum / 12;
    double squares = 0;
    for (const double rate : rates) squares += (rate - mean) * (rate - mean);
    const double threshold = mean - 1.9 * std::sqrt(squares / 12);
    outlier.on_timeout(at(10s));
    for (std::size_t target = 0; target < 12; ++target) {
      if (std::abs(rates[target] - threshold) < 1e-6) continue;  // floating point cannot say
      REQUIRE(outlier.is_ejected(target) == (rates[target] < threshold));
      ejections += rates[target] < threshold ? 1 : 0;
    }
  }
  CHECK(ejections > 100);
}

TEST_CASE("outlier: a share of failures of failure_percent ejects even where all are alike") {
  Outlier::Config config{.consecutive_failures = 0,
                         .success_rate = false,
                         .failure_percent = Share{0.85},
                         .min_targets = 2,
                         .min_requests = 20,
                         .max_ejected = Share{0.5}};
  Outlier outlier = make(config, 4);
  calls(outlier, 0, 20, 17, at(1s));  // 85 %
  calls(outlier, 1, 20, 16, at(1s));
  calls(outlier, 2, 19, 19, at(1s));  // too few
  calls(outlier, 3, 20, 20, at(1s));
  CHECK(outlier.on_timeout(at(10s)));
  CHECK(outlier.is_ejected(0));
  CHECK_FALSE(outlier.is_ejected(1));
  CHECK_FALSE(outlier.is_ejected(2));
  CHECK(outlier.is_ejected(3));
}

TEST_CASE("outlier: the worst go first, wherever they stand in the list") {
  Outlier outlier = make({.consecutive_failures = 0,
                          .failure_percent = Share{0.5},
                          .min_targets = 2,
                          .max_ejected = Share{0.1}},
                         5);
  calls(outlier, 0, 100, 60, at(1s));
  calls(outlier, 1, 200, 60, at(1s));
  calls(outlier, 2, 100, 90, at(1s));
  calls(outlier, 3, 300, 200, at(1s));
  outlier.on_timeout(at(10s));
  CHECK(outlier.is_ejected(2));
  CHECK(outlier.ejected_count() == 1);
}

TEST_CASE("outlier: with too few targets of enough calls nobody is compared") {
  for (const auto& [min_targets, ejected] :
       std::vector<std::pair<std::uint32_t, bool>>{{4, true}, {5, false}}) {
    Outlier outlier = make({.consecutive_failures = 0,
                            .failure_percent = Share{0.5},
                            .min_targets = min_targets,
                            .min_requests = 10},
                           6);
    for (std::size_t target = 0; target < 4; ++target) {
      calls(outlier, target, 10, target == 0 ? 9 : 0, at(1s));
    }
    calls(outlier, 4, 9, 9, at(1s));
    CHECK(outlier.on_timeout(at(10s)) == ejected);
    CHECK(outlier.is_ejected(0) == ejected);
  }
}

TEST_CASE("outlier: an interval's counts are not those of the one before") {
  Outlier outlier = make({.consecutive_failures = 0,
                          .success_rate = false,
                          .failure_percent = Share{1.0},
                          .min_targets = 1,
                          .min_requests = 100},
                         3);
  calls(outlier, 0, 99, 99, at(1s));
  CHECK_FALSE(outlier.on_timeout(at(10s)));
  CHECK(outlier.next_timeout() == at(20s));
  calls(outlier, 0, 99, 99, at(11s));
  CHECK_FALSE(outlier.on_timeout(at(20s)));
  calls(outlier, 0, 100, 100, at(21s));
  CHECK(outlier.on_timeout(at(30s)));
}

TEST_CASE("outlier: a clock that leaps a century ends one interval, and all ejections") {
  Outlier outlier = make(kInARow, 10);
  for (int i = 0; i < 3; ++i) outlier.record(4, true, at(1s));
  CHECK(outlier.on_timeout(at(876'000h + 3s)));
  CHECK(outlier.ejected_count() == 0);
  CHECK(outlier.next_timeout() == at(876'000h + 10s));
}

TEST_CASE("outlier: options out of their range are refused by name") {
  using Config = Outlier::Config;
  const auto field = [](const Config& config, std::size_t count = 3) {
    return refused_field(Outlier::make(config, count));
  };
  CHECK(field({}) == "made");
  CHECK(field({}, 100'000) == "made");
  CHECK(field({.stdev_factor = 0.1, .failure_percent = Share{1e-9}}) == "made");
  CHECK(field({.stdev_factor = 100, .interval = 1h, .max_ejected = Share{1e-9}}) == "made");
  CHECK(field({.interval = 1ms, .base_time = 24h, .max_time = 24h}) == "made");
  CHECK(field({}, 100'001) == "targets");
  CHECK(field({.stdev_factor = 0.09}) == "stdev_factor");
  CHECK(field({.stdev_factor = 100.1}) == "stdev_factor");
  CHECK(field({.failure_percent = Share{0}}) == "failure_percent");
  CHECK(field({.failure_percent = Share{1.1}}) == "failure_percent");
  CHECK(field({.min_requests = 0}) == "min_requests");
  CHECK(field({.interval = 1ms - 1ns}) == "interval");
  CHECK(field({.interval = 1h + 1ns}) == "interval");
  CHECK(field({.base_time = 0s}) == "base_time");
  CHECK(field({.base_time = 25h, .max_time = 25h}) == "base_time");
  CHECK(field({.base_time = 30s, .max_time = 29s}) == "max_time");
  CHECK(field({.max_time = 25h}) == "max_time");
  CHECK(field({.max_ejected = Share{0}}) == "max_ejected");
  CHECK(field({.max_ejected = Share{1.1}}) == "max_ejected");
}

}  // namespace
}  // namespace headgate::resilience
