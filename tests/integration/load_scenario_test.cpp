// One document, predicted and measured: `sim run` and `loadgen run --scenario` of the same
// scenario; and `loadgen doctor`.
#include <catch2/catch.hpp>
#include <chrono>

#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

constexpr const char* kQueue = R"(question: How long do requests take at one server?
arrivals: {poisson: 100/s}
services:
  orders: {targets: 1, servers: 1, time: {exponential: 4ms}}
clients: {timeout: 5s}
sweep: {load: [0.4, 0.6]}
run: {jobs: 400, seed: 3}
expect:
- "response_time.mean < 1s"
- "response_time.mean < 900ms at load=0.4"
- "services.orders.utilisation < 99%"
)";

TEST_CASE("scenario: arrivals, count, seed and expectations are those of the point asked for") {
  TestUpstream upstream{{"--time", "exponential:4ms"}};
  const TempDir dir;
  const std::string file = dir.write("queue.yaml", kQueue);
  const LoadResult result =
      run_load({"--scenario", file, "--at", "load=0.4", "--url", upstream.url()});
  CAPTURE(result.ended.err);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 400);
  // One server of 4 ms is full at 250/s; 400 requests of a Poisson process: 5 % deviation.
  CHECK(result.json["offered_per_s"].get<double>() == Approx(0.4 * 250).epsilon(0.2));
  CHECK(result.json["expect"].size() == 2);  // what only a simulator sees is left out, and said
  CHECK_THAT(result.ended.err, Catch::Contains("services.orders.utilisation"));
  CHECK(result.json["seed"] == 3);
}

TEST_CASE("scenario: a sweep needs a point, and a wrong one is told") {
  const TempDir dir;
  const std::string file = dir.write("queue.yaml", kQueue);
  const auto fault = [&](Argv flags) {
    flags.insert(flags.begin(), {"--scenario", file, "--url", "http://127.0.0.1:1/"});
    const LoadResult result = run_load(flags);
    CHECK(result.ended.exit_code == 2);
    return result.ended.err;
  };
  CHECK_THAT(fault({}), Catch::Contains("2 points") && Catch::Contains("--at load=0.4"));
  CHECK_THAT(fault({"--at", "load=0.5"}), Catch::Contains("0 points"));
  CHECK_THAT(fault({"--at", "load"}), Catch::Contains("NAME=VALUE"));
  CHECK_THAT(fault({"--set", "x", "--at", "load=0.4"}), Catch::Contains("PATH=VALUE"));
  CHECK_THAT(fault({"--set", "clints.timeout=1s", "--at", "load=0.4"}), Catch::Contains("clients"));
}

TEST_CASE("doctor: looks at each thing a run depends on, and says so in words and in JSON") {
  const Ended text = loadgen({"doctor"});
  CHECK(went_through(text.exit_code));  // this machine may be busy
  for (const char* what : {"processors", "clock", "sleep", "descriptors", "ports", "quiet"}) {
    CHECK_THAT(text.out, Catch::Contains(what));
  }
  const Ended ended =
      loadgen({"doctor", "--json", "-c", "100000", "-t", "1", "--connects", "1000000"});
  CHECK(ended.exit_code == 4);  // sixty million ports are nowhere
  const auto json = nlohmann::json::parse(ended.out);
  CHECK(json["fit"] == false);
  CHECK(json["format"] == "headgate.doctor/1");
  CHECK(json["findings"].size() == 7);
}

}  // namespace
}  // namespace headgate::test
