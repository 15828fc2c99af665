#include "headgate/load/stored_gate.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <nlohmann/json.hpp>

#include "headgate/core/random.hpp"

namespace headgate::load {
namespace {

using Json = nlohmann::ordered_json;

/// A result document as far as the gate reads it.
Json run_document(double p50_ns, std::uint64_t failed = 0) {
  return {{"format", "headgate.load/1"},
          {"verdict", "valid"},
          {"causes", Json::array()},
          {"duration_ns", 16'000'000'000},
          {"totals", {{"scheduled", 1000}, {"ok", 1000 - failed}, {"failed", failed}}},
          {"throughput_per_s", 100.0},
          {"goodput_per_s", 100.0},
          {"response_time", {{"count", 1000}, {"p50_ns", p50_ns}, {"p99_ns", 3 * p50_ns}}},
          {"series", Json::array()}};
}

std::vector<StoredRun> runs(std::size_t count, double p50_ns) {
  std::vector<StoredRun> all;
  for (std::size_t i = 0; i < count; ++i) {
    const double shared = 1 + 0.1 * static_cast<double>(i % 3);  // what the machine was doing
    all.push_back({"run" + std::to_string(i), run_document(p50_ns * shared).dump()});
  }
  return all;
}

GateQuestion question_on(const char* metric) {
  return {.metrics = {stats::find_gate_metric(metric).value()}};
}

GateReport gated(const std::vector<StoredRun>& a, const std::vector<StoredRun>& b,
                 const char* metric) {
  return gate_stored(a, b, question_on(metric)).value();
}

TEST_CASE("stored gate: ten runs of each, in pairs, are enough to say yes or no") {
  CHECK(exit_code(gated(runs(10, 2e6), runs(10, 2e6), "p50")) == ExitCode::kYes);
  CHECK(exit_code(gated(runs(10, 2e6), runs(10, 2.2e6), "p50")) == ExitCode::kNo);
  CHECK(exit_code(gated(runs(10, 2e6), runs(10, 1.8e6), "p99")) == ExitCode::kYes);
  CHECK(exit_code(gated(runs(10, 2e6), runs(10, 2e6), "failed_share")) == ExitCode::kYes);
}

TEST_CASE("stored gate: too few runs are inconclusive, and it says how many are needed") {
  const GateReport report = gated(runs(3, 2e6), runs(4, 9e6), "p50");
  CHECK(exit_code(report) == ExitCode::kInconclusive);
  REQUIRE(report.notes.size() == 2);
  CHECK_THAT(report.notes[0], Catch::Contains("of 3 and 4 runs the first 3"));
  CHECK_THAT(report.notes[1],
             Catch::Contains("3 pairs, and 10 are needed") && Catch::Contains("10 times each"));
}

TEST_CASE("stored gate: a run that was not valid is a cause") {
  Json invalid = run_document(2e6);
  invalid["verdict"] = "invalid";
  invalid["causes"] = {"the generator was late"};
  const GateReport report = gated(runs(10, 2e6), {{"b.json", invalid.dump()}}, "p50");
  CHECK(exit_code(report) == ExitCode::kInvalid);
  CHECK_THAT(report.causes.at(0),
             Catch::Contains("b.json") && Catch::Contains("the generator was late"));
}

TEST_CASE("stored gate: what is no result is refused with its file") {
  const auto wrong = [](const std::string& text) {
    const auto report = gate_stored({{"a.json", text}}, runs(1, 2e6), question_on("p50"));
    REQUIRE_FALSE(report.has_value());
    CHECK(report.error().where == "a.json");
    return report.error().why;
  };
  CHECK(wrong("{") == "is not JSON");
  CHECK_THAT(wrong("{}"), Catch::Contains("headgate.load/1"));
  CHECK_THAT(wrong(R"({"format": "headgate.sim/1"})"), Catch::Contains("loadgen run --json"));
}

/// A run of `seconds` whose seconds have a p50 of their own.
StoredRun run_of_seconds(const std::vector<double>& p50_ns) {
  Json json = run_document(2e6);
  json["duration_ns"] = static_cast<std::int64_t>(p50_ns.size()) * 1'000'000'000;
  for (const double p50 : p50_ns) {
    json["series"].push_back({{"scheduled", 100}, {"ok", 100}, {"response_p50_ns", p50}});
  }
  return {"seconds.json", json.dump()};
}

TEST_CASE("stored gate: of one run each the seconds but the first are compared, with a warning") {
  std::vector<double> a{9e9};  // the first second does not count
  std::vector<double> b{1};
  for (int i = 0; i < 12; ++i) {
    a.push_back(2e6 + 1e4 * (i % 3));
    b.push_back(2.4e6 + 1e4 * (i % 4));
  }
  const GateReport report = gated({run_of_seconds(a)}, {run_of_seconds(b)}, "p50");
  CHECK(report.findings[0].pairs == 12);
  CHECK(exit_code(report) == ExitCode::kNo);
  CHECK_THAT(report.notes.at(0), Catch::Contains("one run each"));
  CHECK(exit_code(gated({run_of_seconds(a)}, {run_of_seconds(a)}, "p50")) == ExitCode::kYes);
}

TEST_CASE("stored gate: seconds that cling together are averaged until they do not") {
  Random random{5};
  const auto wandering = [&random] {
    std::vector<double> p50;
    double at = 0;
    for (int i = 0; i < 161; ++i) {
      at = 0.9 * at + random.uniform() - 0.5;
      p50.push_back(2e6 * std::exp(at / 10));
    }
    return p50;
  };
  const auto a = wandering();
  const auto b = wandering();
  const GateReport report = gated({run_of_seconds(a)}, {run_of_seconds(b)}, "p50");
  CHECK(report.findings[0].pairs < 161 / 2);
  CHECK(report.findings[0].pairs >= 10);
}

TEST_CASE("stored gate: seconds without the figure are said to be missing") {
  const GateReport report = gated({run_of_seconds(std::vector<double>(20, 2e6))},
                                  {run_of_seconds(std::vector<double>(20, 2e6))}, "p99");
  CHECK(exit_code(report) == ExitCode::kInconclusive);
  CHECK_THAT(report.notes.at(1), Catch::Contains("p99: 0 pairs, and 10 are needed"));
}

}  // namespace
}  // namespace headgate::load
