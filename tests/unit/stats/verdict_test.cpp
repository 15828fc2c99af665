#include <catch2/catch.hpp>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/stats/expectation.hpp"

namespace headgate::stats {
namespace {

using At = std::map<std::string, std::string>;
using Metrics = std::map<std::string, Estimate, std::less<>>;

Point point(At at, Metrics metrics) {
  return {.at = std::move(at),
          .metric = [metrics](std::string_view name) -> std::optional<Estimate> {
            const auto found = metrics.find(name);
            return found == metrics.end() ? std::nullopt : std::optional{found->second};
          }};
}

Verdict judged(std::string_view text, const std::vector<Point>& points) {
  const auto expectation = parse_expectation(text);
  REQUIRE(expectation);
  return evaluate(*expectation, points);
}

/// One point without a sweep, with the mean response time of 10 ms, 9.9 to 10.2.
std::vector<Point> ten_ms() {
  return {point({}, {{"response_time.mean",
                      {.value = 10e6, .low = 9.9e6, .high = 10.2e6, .confidence = 0.95}}})};
}

/// Mean response times of three policies at two loads; two_choices is worst at load 0.5.
std::vector<Point> sweep() {
  std::vector<Point> points;
  const auto add = [&](const char* policy, const char* load, double ms) {
    points.push_back(point({{"policy", policy}, {"load", load}},
                           {{"response_time.mean", single_value(ms * 1e6)}}));
  };
  add("random", "0.5", 20);
  add("round_robin", "0.5", 14);
  add("two_choices", "0.5", 15);
  add("random", "0.9", 100);
  add("round_robin", "0.9", 56);
  add("two_choices", "0.9", 26);
  return points;
}

TEST_CASE("verdict: a bound holds or not at its edge") {
  CHECK(judged("response_time.mean <= 10ms", ten_ms()).passed);
  CHECK_FALSE(judged("response_time.mean < 10ms", ten_ms()).passed);
  CHECK(judged("response_time.mean < 10001us", ten_ms()).passed);
  CHECK(judged("response_time.mean >= 10ms", ten_ms()).passed);
  CHECK_FALSE(judged("response_time.mean > 10ms", ten_ms()).passed);
}

TEST_CASE("verdict: what was observed shows the interval") {
  CHECK(judged("response_time.mean < 10ms", ten_ms()).observed == "10ms (9.9ms to 10.2ms, 95%)");
}

TEST_CASE("verdict: 'within' is a share of the expected value, its ends included") {
  CHECK(judged("response_time.mean = 8ms within 25%", ten_ms()).passed);
  CHECK_FALSE(judged("response_time.mean = 8ms within 24%", ten_ms()).passed);
  CHECK(judged("response_time.mean = 12500us within 20%", ten_ms()).passed);
  CHECK_FALSE(judged("response_time.mean = 12500us within 19%", ten_ms()).passed);
}

TEST_CASE("verdict: '=' alone asks that the interval hold the value") {
  CHECK(judged("response_time.mean = 10200us", ten_ms()).passed);
  CHECK_FALSE(judged("response_time.mean = 10201us", ten_ms()).passed);
  CHECK_FALSE(judged("response_time.mean = 9899us", ten_ms()).passed);
  CHECK(judged("response_time.mean = 14ms at policy=round_robin,load=0.5", sweep()).passed);
  CHECK_FALSE(judged("response_time.mean = 13ms at policy=round_robin,load=0.5", sweep()).passed);
}

TEST_CASE(
    "verdict: without 'at' a bound must hold at every point, and the failing ones show first") {
  CHECK(judged("response_time.mean <= 100ms", sweep()).passed);
  const Verdict verdict = judged("response_time.mean < 100ms", sweep());
  CHECK_FALSE(verdict.passed);
  CHECK(verdict.observed.starts_with("load=0.9,policy=random: 100ms; "));
}

TEST_CASE("verdict: 'at' chooses points, numbers by value") {
  CHECK(judged("response_time.mean < 60ms at load=0.5", sweep()).passed);
  CHECK_FALSE(judged("response_time.mean < 60ms at load=0.90", sweep()).passed);
  CHECK(judged("response_time.mean < 30ms at load=0.90,policy=two_choices", sweep()).passed);
}

TEST_CASE("verdict: nothing passes unseen") {
  const Verdict nowhere = judged("response_time.mean < 1s at load=0.7", sweep());
  CHECK_FALSE(nowhere.passed);
  CHECK(nowhere.observed == "no point has load=0.7");
  CHECK_FALSE(judged("response_time.mean < 1s at colour=red", sweep()).passed);
  const Verdict missing = judged("topics.requests.lag.max < 10", ten_ms());
  CHECK_FALSE(missing.passed);
  CHECK(missing.observed == "this run has no topics.requests.lag.max");
  CHECK_FALSE(judged("response_time.mean < 1s", {}).passed);
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Point> nothing = {point({}, {{"throughput", single_value(kNan)}})};
  CHECK_FALSE(judged("throughput < 1/s", nothing).passed);
  CHECK_FALSE(judged("throughput >= 1/s", nothing).passed);
  CHECK_FALSE(judged("throughput = 1/s within 50%", nothing).passed);
}

TEST_CASE("verdict: a chain compares the points that differ in its dimension") {
  const Verdict high =
      judged("response_time.mean: two_choices < round_robin < random at load=0.9", sweep());
  CHECK(high.passed);
  CHECK(high.observed == "load=0.9: two_choices 26ms, round_robin 56ms, random 100ms");
  CHECK_FALSE(
      judged("response_time.mean: two_choices < round_robin < random at load=0.5", sweep()).passed);
  CHECK(
      judged("response_time.mean: random > two_choices > round_robin at load=0.5", sweep()).passed);
}

TEST_CASE("verdict: a chain without 'at' must hold in every group") {
  CHECK(judged("response_time.mean: round_robin < random", sweep()).passed);
  const Verdict verdict = judged("response_time.mean: two_choices < round_robin", sweep());
  CHECK_FALSE(verdict.passed);
  CHECK(verdict.observed.starts_with("load=0.5: two_choices 15ms, round_robin 14ms"));
  CHECK(judged("response_time.mean: 0.5 < 0.90", sweep()).passed);
}

TEST_CASE("verdict: a chain over values that the sweep has not, or has twice, fails and says so") {
  CHECK(judged("response_time.mean: two_choices < maglev", sweep()).observed ==
        "no dimension of the sweep has all values of the chain");
  const std::vector<Point> twins = {
      point({{"a", "1"}, {"b", "2"}}, {{"throughput", single_value(1)}}),
      point({{"a", "2"}, {"b", "1"}}, {{"throughput", single_value(2)}})};
  const Verdict verdict = judged("throughput: 1 < 2", twins);
  CHECK_FALSE(verdict.passed);
  CHECK(verdict.observed == "the chain may mean a or b: rename a value");
}

TEST_CASE("verdict: a long sweep is shown in part and counted in full") {
  std::vector<Point> points;
  for (int i = 0; i < 100; ++i) {
    points.push_back(point({{"load", std::to_string(i)}}, {{"throughput", single_value(i)}}));
  }
  const Verdict verdict = judged("throughput < 50/s", points);
  CHECK_FALSE(verdict.passed);
  CHECK(verdict.observed.ends_with("; and 92 more"));
}

}  // namespace
}  // namespace headgate::stats
