// When a verdict may be trusted: cases worked by hand from the rule in expectation.hpp.
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "headgate/stats/expectation.hpp"

namespace headgate::stats {
namespace {

Point point(const std::string& policy, double value, double half_width) {
  const Estimate estimate{value, value - half_width, value + half_width, half_width > 0 ? 0.95 : 0};
  return {.at = {{"policy", policy}}, .metric = [estimate](std::string_view) { return estimate; }};
}

struct Expected {
  bool passed;
  bool certain;
  bool operator==(const Expected&) const = default;
};

Expected judge(const std::string& text, const std::vector<Point>& points) {
  const Verdict verdict = evaluate(parse_expectation(text).value(), points);
  return {verdict.passed, verdict.certain};
}

constexpr double kMs = 1e6;

TEST_CASE("verdict: a bound is certain when it does not cut the interval") {
  const std::string text = "response_time.mean < 20ms";
  CHECK(judge(text, {point("a", 18 * kMs, 1 * kMs)}) == Expected{true, true});
  CHECK(judge(text, {point("a", 18 * kMs, 3 * kMs)}) == Expected{true, false});
  CHECK(judge(text, {point("a", 22 * kMs, 3 * kMs)}) == Expected{false, false});
  CHECK(judge(text, {point("a", 22 * kMs, 1 * kMs)}) == Expected{false, true});
  CHECK(judge(text, {point("a", 22 * kMs, 0)}) == Expected{false, true});
}

TEST_CASE("verdict: equality within a share is certain when the figure is known as exactly") {
  const std::string text = "response_time.mean = 10ms within 2%";  // 9.8 to 10.2
  CHECK(judge(text, {point("a", 10.1 * kMs, 0.2 * kMs)}) == Expected{true, true});
  CHECK(judge(text, {point("a", 10.1 * kMs, 0.3 * kMs)}) == Expected{true, false});
  CHECK(judge(text, {point("a", 10.5 * kMs, 0.4 * kMs)}) == Expected{false, false});
  CHECK(judge(text, {point("a", 10.5 * kMs, 0.2 * kMs)}) == Expected{false, true});
  CHECK(judge(text, {point("a", 20 * kMs, 11 * kMs)}) == Expected{false, false});
}

TEST_CASE("verdict: a chain is certain when its intervals lie apart") {
  const std::string text = "response_time.mean: a < b < c";
  CHECK(judge(text, {point("a", 1, 0.4), point("b", 2, 0.4), point("c", 3, 0.4)}) ==
        Expected{true, true});
  CHECK(judge(text, {point("a", 1, 0.4), point("b", 2, 0.4), point("c", 3, 0.7)}) ==
        Expected{true, false});
  CHECK(judge(text, {point("a", 3, 0.4), point("b", 2, 0.4), point("c", 2, 0.7)}) ==
        Expected{false, true});  // a and b suffice
  CHECK(judge(text, {point("a", 2, 0.4), point("b", 2, 0.4), point("c", 3, 0.1)}) ==
        Expected{false, false});
  CHECK(judge(text, {point("a", 2, 0), point("b", 2, 0), point("c", 3, 0)}) ==
        Expected{false, true});
}

TEST_CASE("verdict: one sure no settles a claim on many points, one doubt puts it in doubt") {
  const std::string text = "response_time.mean < 20ms";
  const Point sure_no = point("a", 30 * kMs, 1 * kMs);
  const Point unsure = point("b", 19 * kMs, 3 * kMs);
  const Point sure_yes = point("c", 10 * kMs, 1 * kMs);
  CHECK(judge(text, {sure_no, unsure, sure_yes}) == Expected{false, true});
  CHECK(judge(text, {unsure, sure_yes}) == Expected{true, false});
  CHECK(judge(text + " at policy=d", {sure_yes}) == Expected{false, true});  // nothing was selected
}

TEST_CASE("verdict: a known difference decides a chain whose intervals overlap") {
  const std::string text = "response_time.mean: a < b";
  const auto with_difference = [](double value, double half_width) {
    Point a = point("a", 10, 4);
    a.difference = [=](std::string_view, const Point& other) -> std::optional<Estimate> {
      CHECK(other.at.at("policy") == "b");
      return Estimate{value, value - half_width, value + half_width, 0.95};
    };
    return a;
  };
  const Point b = point("b", 11, 4);
  CHECK(judge(text, {point("a", 10, 4), b}) == Expected{true, false});
  CHECK(judge(text, {with_difference(-1, 0.5), b}) == Expected{true, true});
  CHECK(judge(text, {with_difference(-1, 1.5), b}) == Expected{true, false});
  CHECK(judge("response_time.mean: a > b", {with_difference(-1, 0.5), b}) == Expected{false, true});
}

TEST_CASE("verdict: one in doubt says how many times the data would settle it") {
  const auto effort = [](const std::string& text, const std::vector<Point>& points) {
    return evaluate(parse_expectation(text).value(), points).effort;
  };
  // 18 ms +- 4 ms against 20 ms: half the width is needed, four times the data.
  CHECK(effort("response_time.mean < 20ms", {point("a", 18 * kMs, 4 * kMs)}) == Approx(4));
  // 10.1 +- 0.6 within 0.2: a third. 10.5 +- 0.6 is 0.3 beyond it: half.
  CHECK(effort("response_time.mean = 10ms within 2%", {point("a", 10.1 * kMs, 0.6 * kMs)}) ==
        Approx(9));
  CHECK(effort("response_time.mean = 10ms within 2%", {point("a", 10.5 * kMs, 0.6 * kMs)}) ==
        Approx(4));
  // 1 and 2, each +- 1: together twice their distance.
  CHECK(effort("response_time.mean: a < b", {point("a", 1, 1), point("b", 2, 1)}) == Approx(4));
  CHECK(effort("response_time.mean < 20ms", {point("a", 18 * kMs, 1 * kMs)}) == 1);
}

}  // namespace
}  // namespace headgate::stats
