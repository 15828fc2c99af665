#include "headgate/report/json.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace headgate::report {
namespace {

using std::chrono::nanoseconds;

std::vector<std::string> keys_of(const Json& json) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  return keys;
}

TEST_CASE("json: a timing has the keys of the interfaces in their order") {
  stats::Histogram histogram;
  for (int i = 1; i <= 1000; ++i) histogram.record(nanoseconds{i});
  const Json json = timing_json(histogram);
  CHECK(keys_of(json) == std::vector<std::string>{"count", "mean_ns", "p50_ns", "p90_ns", "p95_ns",
                                                  "p99_ns", "p999_ns", "max_ns", "hdr"});
  CHECK(json["count"] == 1000);
  CHECK(json["mean_ns"] == 500.5);
  CHECK(json["p50_ns"] == 500);
  CHECK(json["p90_ns"] == 900);
  CHECK(json["p95_ns"] == 950);
  CHECK(json["p99_ns"] == 990);
  CHECK(json["p999_ns"] == 999);
  CHECK(json["max_ns"] == 1000);
  const auto again = stats::Histogram::decode(json["hdr"].get<std::string>());
  REQUIRE(again);
  CHECK(again->count() == 1000);
  histogram.record(std::chrono::hours{2});
  CHECK(timing_json(histogram)["above_1h"] == 1);
}

TEST_CASE("json: an estimate and the totals have the keys of the interfaces") {
  CHECK(to_text(estimate_json({.value = 10.5, .low = 10, .high = 11, .confidence = 0.95})) ==
        "{\n  \"value\": 10.5,\n  \"low\": 10.0,\n  \"high\": 11.0,\n  \"confidence\": 0.95\n}\n");
  const Json totals = totals_json({.scheduled = 21,
                                   .ok = 1,
                                   .refused = 2,
                                   .failed = 3,
                                   .timed_out = 4,
                                   .in_flight = 5,
                                   .not_sent = 6});
  CHECK(keys_of(totals) == std::vector<std::string>{"scheduled", "ok", "refused", "failed",
                                                    "timed_out", "in_flight", "not_sent"});
  CHECK(totals["not_sent"] == 6);
}

TEST_CASE("json: a verdict says what was expected, why, and what was seen") {
  auto expectation = stats::parse_expectation("throughput > 1/s").value();
  const stats::Verdict verdict{.passed = true, .observed = "2/s"};
  CHECK(keys_of(verdict_json(expectation, verdict)) ==
        std::vector<std::string>{"expect", "passed", "observed"});
  expectation.why = "it must";
  const Json json = verdict_json(expectation, verdict);
  CHECK(json["expect"] == "throughput > 1/s");
  CHECK(json["why"] == "it must");
  CHECK(json["passed"] == true);
  CHECK(json["observed"] == "2/s");
}

TEST_CASE("json: numbers print in their shortest exact form, wrong text and NaN still as JSON") {
  Json json;
  json["tenth"] = 0.1;
  json["third"] = 1.0 / 3;
  json["large"] = 9'007'199'254'740'993;
  json["nan"] = std::nan("");
  json["bytes"] = "a\xff";
  CHECK(to_text(json) ==
        "{\n  \"tenth\": 0.1,\n  \"third\": 0.3333333333333333,\n"
        "  \"large\": 9007199254740993,\n  \"nan\": null,\n  \"bytes\": \"a\xef\xbf\xbd\"\n}\n");
}

}  // namespace
}  // namespace headgate::report
