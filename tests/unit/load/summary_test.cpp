#include "headgate/load/summary.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "headgate/arrival/schedule.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

Evidence evidence() {
  Evidence made;
  made.open_loop = true;
  made.response_p50 = 46ms;
  made.scheduled = 100;
  return made;
}

/// 100 requests in 10 s: 90 served in 1 to 90 ms, 6 refused, 3 failed, 1 timed out after 5 s.
Measured measured() {
  Recorder recorder{1};
  const TimePoint start{1s};
  recorder.begin(start, start + 10s);
  for (int i = 0; i < 100; ++i) {
    const TimePoint due = start + i * 50ms;
    const Flight flight{.due = {.sequence = static_cast<std::uint64_t>(i), .intended = due},
                        .sent = due,
                        .target = 0};
    recorder.due(flight.due);
    recorder.sent(flight, due);
    if (i < 90) recorder.answered(flight, due + (i + 1) * 1ms, {.status = 200});
    if (i >= 90 && i < 96) recorder.answered(flight, due + 1ms, {.status = 429});
    if (i == 96 || i == 97) recorder.answered(flight, due + 1ms, {.status = 500});
    if (i == 98) recorder.failed(flight, due + 1ms, Failure::kConnectionReset);
    if (i == 99) recorder.timed_out(flight, due + 5s);
  }
  return {.tally = recorder.tally(),
          .window = 10s,
          .connections = 4,
          .evidence = evidence(),
          .interrupted = false};
}

Job job() {
  config::LoadPlan plan;
  plan.targets = {{.url = "http://127.0.0.1:1/",
                   .address = {.host = "127.0.0.1", .port = 1},
                   .path = "/",
                   .weight = 1}};
  plan.requests = {{}};
  plan.arrivals = {arrival::PoissonArrivals{make_rate(10, 1s)}};
  plan.connections = 4;
  return Job::prepare(plan).value();
}

Summary summary(const std::vector<std::string>& expect = {}, Measured from = measured()) {
  std::vector<stats::Expectation> expectations;
  for (const std::string& text : expect) {
    expectations.push_back(stats::parse_expectation(text).value());
  }
  return summarise(std::move(from), job(), expectations, {});
}

TEST_CASE("summary: metrics are those of the requests, shares of all that were scheduled") {
  const Measured from = measured();
  CHECK(metric_of(from, "offered") == 10.0);
  CHECK(metric_of(from, "throughput") == 9.8);  // 98 whole responses in 10 s
  CHECK(metric_of(from, "goodput") == 9.0);
  CHECK(metric_of(from, "refused_share") == 0.06);
  CHECK(metric_of(from, "failed_share") == 0.03);
  CHECK(metric_of(from, "timed_out_share") == 0.01);
  CHECK(metric_of(from, "response_time.max") == 5e9);
  // 91 timed ones; rank ceil(0.5 * 91) = 46 is 46 ms.
  CHECK(*metric_of(from, "response_time.p50") == Approx(46e6).epsilon(0.001));
  // (1 + … + 90) ms + 5 s over 91, and the mean is exact.
  CHECK(*metric_of(from, "response_time.mean") == Approx((4095e6 + 5e9) / 91));
  CHECK(metric_of(from, "send_lag.max") == 0.0);
  CHECK_FALSE(metric_of(from, "services.orders.utilisation"));
  CHECK_FALSE(metric_of(from, "queue_time.p50"));
}

TEST_CASE("summary: a figure of no request is none, and no expectation of it passes") {
  Measured nothing = measured();
  nothing.tally = Recorder{1}.tally();
  CHECK_FALSE(metric_of(nothing, "response_time.p99"));
  CHECK_FALSE(metric_of(nothing, "failed_share"));
  CHECK(exit_code(summary({"response_time.p99 < 1s"}, nothing)) == ExitCode::kNo);
}

TEST_CASE("summary: the exit code is no if one expectation fails, and invalid before that") {
  CHECK(exit_code(summary()) == ExitCode::kYes);
  CHECK(exit_code(summary({"response_time.p50 < 50ms", "failed_share <= 3%"})) == ExitCode::kYes);
  CHECK(exit_code(summary({"response_time.p50 < 50ms", "failed_share < 3%"})) == ExitCode::kNo);
  Measured late = measured();
  late.evidence.lateness_p99 = 1s;
  CHECK(exit_code(summary({"failed_share < 3%"}, late)) == ExitCode::kInvalid);
}

TEST_CASE("summary: the document has the words of its format") {
  const auto json = to_json(summary({"refused_share < 5%"}));
  CHECK(json["format"] == "headgate.load/1");
  CHECK(json["verdict"] == "valid");
  CHECK(json["causes"].empty());
  CHECK(json["totals"]["scheduled"] == 100);
  CHECK(json["totals"]["ok"] == 90);
  CHECK(json["totals"]["refused"] == 6);
  CHECK(json["totals"]["failed"] == 3);
  CHECK(json["totals"]["timed_out"] == 1);
  CHECK(json["totals"]["in_flight"] == 0);
  CHECK(json["totals"]["not_sent"] == 0);
  CHECK(json["offered_per_s"] == 10.0);
  CHECK(json["throughput_per_s"] == 9.8);
  CHECK(json["statuses"] == nlohmann::ordered_json{{"200", 90}, {"429", 6}, {"500", 2}});
  CHECK(json["errors"] == nlohmann::ordered_json{{"connection_reset", 1}});
  CHECK(json["targets"]["http://127.0.0.1:1/"]["sent"] == 100);
  CHECK(json["expect"][0]["passed"] == false);
  for (const char* name : {"response_time", "service_time", "send_lag"}) {
    for (const char* key :
         {"count", "mean_ns", "p50_ns", "p90_ns", "p95_ns", "p99_ns", "p999_ns", "max_ns", "hdr"}) {
      CAPTURE(name, key);
      CHECK(json[name].contains(key));
    }
  }
  const auto decoded = stats::Histogram::decode(json["response_time"]["hdr"].get<std::string>());
  REQUIRE(decoded.has_value());
  CHECK(decoded->count() == 91);
  std::uint64_t scheduled = 0;
  for (const auto& second : json["series"]) scheduled += second["scheduled"].get<std::uint64_t>();
  CHECK(scheduled == 100);
  CHECK(json["series"].size() == 10);  // the last settled, the timeout, in the tenth second
}

TEST_CASE("summary: the page shows the buckets as a sum and the three durations side by side") {
  const std::string text = to_text(summary({"failed_share < 1%"}), false);
  CHECK_THAT(text, Catch::Contains("open loop, poisson 10/s, 4 connections, 1 thread"));
  CHECK_THAT(text, Catch::Contains("100 scheduled = 90 ok + 6 refused + 3 failed + 1 timed out + 0 "
                                   "in flight + 0 not sent"));
  CHECK_THAT(text, Catch::Contains("response time") && Catch::Contains("service time") &&
                       Catch::Contains("send lag"));
  CHECK_THAT(text, Catch::Contains("429: 6") && Catch::Contains("connection_reset: 1"));
  CHECK_THAT(text, Catch::Contains("FAILED  failed_share < 1%"));
  CHECK_THAT(text, Catch::Contains("~5.00s"));  // a p99 of 91 values is not firm
  CHECK_FALSE(text.contains('\033'));
}

TEST_CASE("summary: an invalid run says why, in words and in the document") {
  Measured late = measured();
  late.evidence.lateness_p99 = 1s;
  const Summary judged = summary({}, late);
  CHECK_THAT(to_text(judged, false), Catch::Contains("INVALID: the generator sent late"));
  CHECK(to_json(judged)["verdict"] == "invalid");
  CHECK(to_json(judged)["causes"].size() == 1);
}

}  // namespace
}  // namespace headgate::load
