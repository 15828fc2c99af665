// Arrivals of a document: every shape of the grammar, and what is wrong with a wrong one.
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/text.hpp"
#include "headgate/config/value.hpp"
#include "support/process.hpp"

namespace headgate::config {
namespace {

using namespace headgate::arrival;
using namespace std::chrono_literals;

struct ReadArrivals {
  std::optional<Arrivals> value;
  std::vector<Diagnostic> found;

  [[nodiscard]] std::string said() const {
    std::string all;
    for (const Diagnostic& diagnostic : found) all += to_text(diagnostic) + "\n";
    return all;
  }
};

ReadArrivals read_in(const std::string& folder, const std::string& text) {
  const std::string file = folder + "/plan.yaml";
  const auto tree = read_text(text, file);
  REQUIRE(tree.ok());
  ReadArrivals result;
  Reading reading{file, "", result.found};
  result.value = arrivals().read(tree.value.root, reading);
  return result;
}

Arrivals good(const std::string& text) {
  INFO(text);
  auto result = read_in(".", text);
  INFO(result.said());
  REQUIRE(result.value);
  REQUIRE(result.found.empty());
  return *std::move(result.value);
}

std::string bad(const std::string& text) {
  INFO(text);
  const auto result = read_in(".", text);
  CHECK(result.found.size() == 1);
  return result.said();
}

double per_second(const Arrivals& arrivals) { return arrivals.rate().value().per_second(); }

TEST_CASE("arrivals: every shape of the grammar is read, with its long-run rate") {
  CHECK(per_second(good("{poisson: 300/s}")) == Approx(300));
  CHECK(per_second(good("{constant: 300/s}")) == Approx(300));
  const Arrivals closed = good("{closed: {clients: 64, think: {exponential: 1s}}}");
  CHECK(closed.closed()->clients == 64);
  CHECK(closed.closed()->think.mean_ns() == Approx(1e9));
  CHECK(per_second(good("{mmpp: {rates: [100/s, 900/s], stay: [9s, 1s]}}")) == Approx(180));
  CHECK(per_second(good("{sine: {mean: 300/s, amplitude: 200/s, period: 60s}}")) == Approx(300));
  // 3000 requests in 30 s, 30 000 in 60 s, none in 10 s.
  const std::string stages =
      "{stages: [{poisson: 100/s, for: 30s}, {ramp: [100/s, 900/s], for: 60s},"
      " {constant: 0/s, for: 10s}]}";
  CHECK(per_second(good(stages)) == Approx(330));
  CHECK(per_second(good("{batch: {every: {exponential: 1s}, size: 50}}")) == Approx(50));
  CHECK(good("{sine: {mean: 300/s, amplitude: 0/s, period: 60s}}").name() == "sine");
}

TEST_CASE("arrivals: a trace and a log stand beside the document, and play at their speed") {
  const headgate::test::TempDir folder;
  static_cast<void>(folder.write("trace.csv", "t_ns\n0\n1000\n4000\n"));
  static_cast<void>(folder.write("access.jsonl",
                                 "{\"time\":\"2026-11-21T10:00:00.500Z\",\"status\":200}\n"
                                 "{\"time\":\"2026-11-21T10:00:02.500Z\",\"status\":200}\n"));
  const auto trace = read_in(folder.path(), "{trace: trace.csv, speed: 2}");
  INFO(trace.said());
  REQUIRE(trace.value);
  AnySchedule schedule{*trace.value, Random{1}};
  CHECK(schedule.next() == 0ns);
  CHECK(schedule.next() == 500ns);
  CHECK(schedule.next() == 2us);
  CHECK(schedule.next() == kNever);
  const auto log = read_in(folder.path(), "{access_log: access.jsonl}");
  REQUIRE(log.value);
  CHECK(per_second(*log.value) == Approx(0.5));
}

TEST_CASE("arrivals: a wrong file is an error with its place in the document and in the file") {
  const headgate::test::TempDir folder;
  static_cast<void>(folder.write("back.csv", "2ms\n1ms\n"));
  static_cast<void>(folder.write("unit.csv", "2ms\n3\n"));
  static_cast<void>(folder.write("one.csv", "2ms\n"));
  const auto said = [&](const std::string& text) {
    const auto result = read_in(folder.path(), text);
    CHECK_FALSE(result.value);
    REQUIRE(result.found.size() == 1);
    CHECK(result.found[0].at.line == 1);
    return result.found[0].message;
  };
  const std::string in = folder.path() + "/";
  CHECK(said("{trace: none.csv}") == in + "none.csv cannot be read");
  CHECK(said("{trace: back.csv}") ==
        in + "back.csv: line 2 is before the line above; sort the file by time");
  CHECK(said("{trace: unit.csv}").starts_with(in + "unit.csv: line 2 '3' has no unit"));
  CHECK(said("{trace: one.csv}") ==
        in + "one.csv: trace must have two requests at different times");
  CHECK(said("{access_log: back.csv}").starts_with(in + "back.csv: line 1 has no time"));
}

TEST_CASE("arrivals: what is wrong is said where it stands") {
  CHECK(bad("{poisson: 0/s}").contains("more than zero"));
  CHECK(bad("{closed: {}}").contains("needs 'clients'"));
  CHECK(bad("{poison: 3/s}").contains("did you mean 'poisson'?"));
  CHECK(bad("{poisson: 3/s, constant: 3/s}").contains("only one of them can be"));
  CHECK(bad("{poisson: 3/s, speed: 2}").contains("1:23: error[GW001] 'speed' belongs to 'trace'"));
  CHECK(bad("{mmpp: {rates: [100/s, 900/s]}}").contains("needs 'stay'"));
  CHECK(bad("{mmpp: {rates: [100/s, 900/s], stay: [9s]}}").contains("at least 2"));
  CHECK(bad("{mmpp: {rates: [1/s, 9/s, 2/s], stay: [9s, 1s]}}")
            .contains("1:39: error[GW001] 'stay' must be as many as the rates"));
  CHECK(bad("{mmpp: {rates: [0/s, 0/s], stay: [9s, 1s]}}").contains("must not all be 0"));
  CHECK(bad("{sine: {mean: 300/s, amplitude: 301/s, period: 60s}}")
            .contains("'amplitude' must not be above the mean"));
  CHECK(bad("{sine: {mean: 300/s, period: 60s}}").contains("needs 'amplitude'"));
  CHECK(bad("{stages: []}").contains("at least 1"));
  CHECK(bad("{stages: [{poisson: 3/s}]}").contains("needs 'for'"));
  CHECK(bad("{stages: [{for: 3s}]}").contains("needs exactly one of"));
  CHECK(bad("{stages: [{ramp: [3/s], for: 3s}]}").contains("the rates of its two ends"));
  CHECK(bad("{stages: [{poisson: 0/s, for: 3s}]}").contains("must not all have the rate 0"));
  CHECK(bad("{batch: {every: {constant: 0s}, size: 50}}").contains("'every' must be above 0"));
  CHECK(bad("{batch: {every: {constant: 1s}, size: 0}}").contains("GW001"));
  CHECK(bad("{batch: {every: {constant: 10us}, size: 1M}}").contains("at most 1G/s"));
}

}  // namespace
}  // namespace headgate::config
