#include "headgate/report/comparison.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace headgate::report {
namespace {

// 750 answered and 250 refused; p50 11 ms against 10 ms, and so on: all differences by hand.
const std::string kMeasured = R"({"format": "headgate.load/1", "throughput_per_s": 98.0,
  "totals": {"scheduled": 1010, "ok": 750, "refused": 250, "failed": 0, "timed_out": 0,
             "in_flight": 0, "not_sent": 10},
  "response_time": {"p50_ns": 11000000, "p95_ns": 30000000, "p99_ns": 50000000}})";

std::string e(double value) {
  const std::string text = std::to_string(value);
  return R"({"value": )" + text + R"(, "low": )" + text + R"(, "high": )" + text +
         R"(, "confidence": 0.95})";
}

std::string point() {
  return R"({"at": {}, "throughput": )" + e(100) + R"(, "refused_share": )" + e(0.26) +
         R"(, "response_time": {"p50_ns": )" + e(10e6) + R"(, "p95_ns": )" + e(30e6) +
         R"(, "p99_ns": )" + e(40e6) +
         R"(}, "services": {"orders": {"targets": {"a/0": {"share": )" + e(0.5) +
         R"(}, "b": {"share": )" + e(0.5) + "}}}}}";
}

std::string predicted() { return R"({"format": "headgate.sim/1", "points": [)" + point() + "]}"; }

TEST_CASE("comparison: durations and rates by ratio, shares by points") {
  const auto rows = compare({.measured = kMeasured,
                             .predicted = predicted(),
                             .access_log = R"({"service": "orders", "target": "a/0"}
{"service": "orders", "target": "b"}
{"status": 429, "service": "orders", "target": null}
{"service": "orders", "target": "a/0"}
{"service": "orders", "target": "a/0"}
)"},
                            {});
  REQUIRE(rows);
  REQUIRE(rows->size() == 7);
  CHECK(rows->at(0).name == "response_time.p50");
  CHECK(rows->at(0).difference == Approx(0.1));
  CHECK(rows->at(1).difference == Approx(0).margin(1e-9));
  CHECK(rows->at(2).difference == Approx(0.25));
  CHECK(rows->at(3).name == "throughput");
  CHECK(rows->at(3).difference == Approx(-0.02));
  CHECK(rows->at(4).measured == Approx(0.25));  // 250 of the 1000 that finished
  CHECK(rows->at(4).difference == Approx(-0.01));
  CHECK(rows->at(5).name == "services.orders.targets.a/0.share");
  CHECK(rows->at(5).difference == Approx(0.25));
  CHECK(rows->at(6).measured == Approx(0.25));
}

TEST_CASE("comparison: a tolerance is met up to its edge and not beyond") {
  const auto agrees = [](const std::string& tolerance) {
    const auto rows = compare({.measured = kMeasured, .predicted = predicted(), .access_log = {}},
                              {parse_tolerance(tolerance).value()});
    for (const ComparedMetric& row : rows.value()) {
      if (row.most) return row.agrees();
    }
    return false;
  };
  CHECK(agrees("response_time.p99=25%"));
  CHECK_FALSE(agrees("response_time.p99=24.9%"));
  CHECK(agrees("refused_share=1.1%"));
  CHECK_FALSE(agrees("refused_share=0.9%"));
}

TEST_CASE("comparison: what cannot be compared says which document and why") {
  const auto why = [](const std::string& measured, const std::string& prediction,
                      const std::string& log, const std::vector<Tolerance>& within) {
    const auto rows =
        compare({.measured = measured, .predicted = prediction, .access_log = log}, within);
    return rows ? std::string{"fine"} : rows.error().where + " " + rows.error().why;
  };
  CHECK(why("{", predicted(), "", {}) == "the measurement is not JSON");
  CHECK(why("{}", predicted(), "", {}) == "the measurement is not a 'headgate.load/1' document");
  CHECK(why(kMeasured, kMeasured, "", {}) == "the prediction is not a 'headgate.sim/1' document");
  CHECK(why(kMeasured, R"({"format": "headgate.sim/1", "points": []})", "", {}) ==
        "the prediction has 0 points; one measurement is compared with one");
  CHECK(why(kMeasured, R"({"format": "headgate.sim/1", "points": [{}]})", "", {}) ==
        "the prediction has no number at /response_time/p50_ns/value");
  CHECK(why(kMeasured, predicted(), "oops\n", {}) == "the access log line 1 is not JSON");
  CHECK(why(kMeasured, predicted(), "", {{.metric = "failed_share", .most = 0.1}}) ==
        "failed_share is not among the compared metrics");
}

TEST_CASE("comparison: a tolerance has a metric and a share") {
  CHECK(parse_tolerance("response_time.p50=15%")->most == Approx(0.15));
  CHECK_FALSE(parse_tolerance("response_time.p50"));
  CHECK_FALSE(parse_tolerance("response_time.p50=15ms"));
  CHECK_FALSE(parse_tolerance("respons_time.p50=15%"));
}

}  // namespace
}  // namespace headgate::report
