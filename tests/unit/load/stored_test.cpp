#include "headgate/load/stored.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
#include <functional>
#include <nlohmann/json.hpp>

#include "headgate/load/merge.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load {
namespace {

using namespace std::chrono_literals;
using report::Json;

constexpr TimePoint kBegin{1s};

/// Every third of 300 requests over 3 s, from `first` on, each with its own fate; two targets.
Recorder recorded(int first, int step) {
  Recorder recorder{2};
  recorder.begin(kBegin, kBegin + 3s);
  recorder.connected(120us, 0us);
  recorder.connected(90us, 2ms);
  for (int i = first; i < 300; i += step) {
    const TimePoint due = kBegin + i * 10ms;
    const Flight flight{.due = {.sequence = static_cast<std::uint64_t>(i), .intended = due},
                        .sent = due + 10us,
                        .target = static_cast<std::uint32_t>(i % 2)};
    const TimePoint end = due + 1ms + i * 3us;
    recorder.due(flight.due);
    if (i % 50 == 7) {
      recorder.not_sent(flight.due, end);
      continue;
    }
    recorder.sent(flight, due);
    recorder.received(static_cast<std::size_t>(i), end);
    if (i % 50 == 8) recorder.failed(flight, end, {Failure::kConnectFailed, ENETUNREACH});
    if (i % 50 == 9) recorder.failed(flight, end, Failure::kBadResponse);
    if (i % 50 == 10) recorder.timed_out(flight, end);
    if (i % 50 == 11) recorder.in_flight(flight, end);
    if (i % 50 == 12) recorder.answered(flight, end, {.status = 429});
    if (i % 50 == 13) recorder.answered(flight, end, {.status = 302});
    if (i % 50 < 7 || i % 50 > 13) {
      recorder.answered(flight, end, {.status = 200, .first_byte = due + 500us});
    }
  }
  return recorder;
}

Summary summary_of(Recorder recorder, const std::vector<std::string>& expect = {}) {
  Summary summary;
  summary.measured = {.tally = recorder.tally(),
                      .window = 3s,
                      .connections = 2,
                      .evidence = {.open_loop = true, .overdue = 1, .cpu_share_max = 0.25},
                      .interrupted = false,
                      .tls_fault = "the peer does not speak TLS"};
  Evidence& evidence = summary.measured.evidence;
  evidence.lateness_p99 = summary.measured.tally.lateness.quantile(0.99);
  evidence.response_p50 = summary.measured.tally.response_time.quantile(0.5);
  evidence.scheduled = summary.measured.tally.totals.scheduled;
  summary.targets = {"http://a/~x", "http://b/"};
  summary.load = "open loop, constant 100/s, 2 connections, 1 thread";
  summary.seed = 9;
  summary.manifest.command = {"loadgen", "run"};
  std::vector<stats::Expectation> expectations;
  for (const std::string& text : expect) {
    expectations.push_back(stats::parse_expectation(text).value());
  }
  judge(summary, expectations);
  return summary;
}

std::string document(const Summary& summary) { return report::to_text(to_json(summary)); }

TEST_CASE("stored: a result comes back as it was, byte for byte") {
  const Summary summary =
      summary_of(recorded(0, 1), {"response_time.p99 < 1s", "refused_share < 1%"});
  const std::string text = document(summary);
  const auto back = parse_result(text, "r.json");
  REQUIRE(back);
  CHECK(document(*back) == text);
  const Tally& tally = back->measured.tally;
  const Tally& before = summary.measured.tally;
  CHECK(tally.response_time == before.response_time);
  CHECK(tally.first_byte_time == before.first_byte_time);
  CHECK(tally.lateness == before.lateness);
  CHECK(tally.classes == before.classes);
  CHECK(tally.errors == before.errors);
  CHECK(tally.targets[1].response_time == before.targets[1].response_time);
  CHECK(tally.series[2].response_time == before.series[2].response_time);
  CHECK(to_text(*back, false) == to_text(summary, false));
}

TEST_CASE("stored: a document from before the newer timings is read without them") {
  Json json = to_json(summary_of(recorded(0, 1)));
  for (const char* key : {"connect_time", "tls_time", "first_byte_time", "status_classes", "errnos",
                          "reasons", "answered_in_time", "ok_in_time"}) {
    json.erase(key);
  }
  for (const char* key : {"response_time", "service_time", "send_lag"}) {
    json[key].erase("min_ns");
    json[key].erase("censored");
  }
  json["generator"].erase("lateness");
  for (Json& second : json["series"]) second.erase("response_hdr");
  for (Json& target : json["targets"]) target.erase("response_time");
  const auto back = parse_result(json.dump(), "old.json");
  REQUIRE(back);
  const Tally& tally = back->measured.tally;
  CHECK(tally.connect_time.count() == 0);
  CHECK(tally.response_time.count() == json["response_time"]["count"]);
  CHECK(tally.response_time.mean_ns() == json["response_time"]["mean_ns"]);
  // 300 less 6 each that were not sent, broke twice, timed out, and were cut.
  CHECK(tally.answered_in_time == 270);
}

TEST_CASE("stored: what is no result is an error that names file and place") {
  const auto complaint = [](const std::string& text) {
    const auto result = parse_result(text, "r.json");
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::kCorrupt);
    return result.error().where + " " + result.error().why;
  };
  CHECK(complaint("") == "r.json is not JSON");
  CHECK(complaint("[]") == "r.json is not a 'headgate.load/1' document");
  CHECK_THAT(complaint(R"({"format": "headgate.load/2"})"),
             Catch::Contains("'headgate.load/2'") && Catch::Contains("reads 'headgate.load/1'"));
  CHECK_THAT(complaint(R"({"format": "headgate.sim/1"})"), Catch::Contains("headgate.sim/1"));
  const Json good = to_json(summary_of(recorded(0, 1), {"throughput > 1/s"}));
  const auto with = [&](const char* pointer, const Json& value) {
    Json changed = good;
    changed[Json::json_pointer{pointer}] = value;
    return complaint(changed.dump());
  };
  CHECK(with("/totals/ok", 1) == "r.json:/totals do not add up");
  CHECK(with("/totals/ok", -1) == "r.json:/totals/ok must be a whole number of 0 or more");
  CHECK_THAT(with("/response_time/hdr", "HISTFAAAA"), Catch::Contains("r.json:/response_time/hdr"));
  CHECK_THAT(with("/response_time/count", 3), Catch::Contains("r.json:/response_time/count"));
  CHECK_THAT(with("/service_time/mean_ns", 1), Catch::Contains("r.json:/service_time"));
  CHECK_THAT(with("/series/1/response_count", 1), Catch::Contains("r.json:/series/1/response_hdr"));
  CHECK_THAT(with("/targets/http:~1~1a~1~0x/sent", "x"),
             Catch::Contains("r.json:/targets/http:~1~1a~1~0x/sent"));
  CHECK_THAT(with("/expect/0/expect", "response"), Catch::Contains("r.json:/expect/0/expect"));
  CHECK_THAT(with("/errors/none_such", 1), Catch::Contains("r.json:/errors/none_such"));
  CHECK_THAT(with("/statuses/2x4", 1), Catch::Contains("r.json:/statuses/2x4"));
  Json without = good;
  without.erase("generator");
  CHECK(complaint(without.dump()) == "r.json:/generator is missing");
  CHECK(read_result("/no/such/file").error().code == Errc::kIo);
}

TEST_CASE("merge: parts that were stored are together what one generator would have seen") {
  const std::string whole = document(summary_of(recorded(0, 1), {"throughput > 80/s"}));
  std::vector<Summary> parts;
  for (int part = 0; part < 3; ++part) {
    const Summary summary = summary_of(recorded(part, 3), {"throughput > 80/s"});
    CHECK_FALSE(summary.expect[0].verdict.passed);  // a third alone is too slow
    parts.push_back(parse_result(document(summary), "part").value());
  }
  const auto merged = merge(std::move(parts), {});
  REQUIRE(merged);
  CHECK(merged->load.starts_with("3 generators, each open loop"));
  const Json one = Json::parse(whole);
  const Json sum = to_json(*merged);
  for (const char* key :
       {"totals", "offered_per_s", "throughput_per_s", "goodput_per_s", "bytes_received",
        "response_time", "service_time", "send_lag", "first_byte_time", "statuses",
        "status_classes", "errors", "errnos", "reasons", "targets", "series", "expect"}) {
    CAPTURE(key);
    CHECK(sum[key] == one[key]);
  }
  CHECK(sum["connect_time"]["count"] == 6);  // each part made its own
}

TEST_CASE("merge: targets are matched by name, and causes say whose they are") {
  Summary a = summary_of(recorded(0, 2));
  Summary b = summary_of(recorded(1, 2));
  const std::uint64_t sent_a = a.measured.tally.targets[1].sent;
  const std::uint64_t sent_b = b.measured.tally.targets[0].sent;
  b.targets = {"http://b/", "http://c/"};
  b.causes = {"it was late"};
  b.measured.interrupted = true;
  const auto merged = merge({a, b}, {});
  REQUIRE(merged);
  CHECK(merged->targets == std::vector<std::string>{"http://a/~x", "http://b/", "http://c/"});
  CHECK(merged->measured.tally.targets[1].sent == sent_a + sent_b);
  CHECK(merged->causes == std::vector<std::string>{"generator 2: it was late"});
  CHECK(merged->measured.interrupted);
  CHECK(exit_code(*merged) == ExitCode::kInvalid);
  CHECK_FALSE(merge({}, {}));
}

}  // namespace
}  // namespace headgate::load
