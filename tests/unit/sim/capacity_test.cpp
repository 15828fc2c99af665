// Capacities of M/M/1 and M/M/c, which have closed forms.
#include "headgate/sim/capacity.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "headgate/report/json.hpp"

namespace headgate::sim {
namespace {

Result<Capacity> capacity_of(const std::string& text, const std::string& slo,
                             unsigned threads = 1) {
  auto loaded = config::load_scenario_text(text, "test.yaml");
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    UNSCOPED_INFO(config::to_text(diagnostic));
  }
  REQUIRE(loaded.ok());
  return find_capacity(loaded.value, {.slo = stats::parse_expectation(slo).value(), .service = {}},
                       {.threads = threads});
}

const std::string kServer =
    "arrivals: {poisson: 40/s}\n"
    "services: {server: {time: {exponential: 10ms}}}\n"
    "run: {jobs: 4k, replications: 6}\n";

TEST_CASE("capacity: M/M/1 answers in 20 ms on average up to half load") {
  // Mean 10 ms / (1 - load): 50/s. Idle it is 10 ms, and the first point of the curve is at 5 %
  // load with 10.526 ms: twice that is reached at 1 - 10 / 21.053 = 52.5 % load.
  const auto found = capacity_of(kServer, "response_time.mean < 20ms");
  REQUIRE(found.has_value());
  CHECK(found->full_load == Approx(100));
  CHECK(found->highest.low < 50);
  CHECK(found->highest.high + 0.2 > 50);  // rates are looked at in steps of 0.2/s
  CHECK(found->highest.high - found->highest.low < 15);
  CHECK(found->highest.low <= found->highest.value);
  CHECK(found->highest.value <= found->highest.high);
  CHECK(found->headroom() == Approx(1 - 40 / found->highest.value));
  REQUIRE(found->twice.has_value());
  CHECK(*found->twice == Approx(52.5).epsilon(0.06));
  REQUIRE(found->knee.has_value());
  CHECK(*found->knee > 60);
  CHECK(*found->knee < 90);
  REQUIRE(found->replicas.has_value());
  CHECK(found->replicas->needed == 1);
  CHECK_FALSE(found->next_nine.has_value());  // of a mean there is none
}

TEST_CASE("capacity: targets and their price come from the rate of the scenario") {
  // Random picks make M/M/1 queues: 260/s of 10 ms by n targets answer in 10 ms / (1 - 2.6 / n), so
  // 30 ms need n > 3.9; four have 28.6 ms. Five cost 5 * 0.36 an hour of 936 000 requests.
  const auto found = capacity_of(
      "arrivals: {poisson: 260/s}\n"
      "services: {pool: {targets: 3, time: {exponential: 10ms}, balance: {policy: random}}}\n"
      "prices: {services: {pool: {target: 0.36}}}\n"
      "run: {jobs: 20k, replications: 6}\n",
      "response_time.mean < 32ms");
  REQUIRE(found.has_value());
  CHECK(found->targets == 3);
  REQUIRE(found->replicas.has_value());
  CHECK(found->replicas->needed == 4);
  REQUIRE(found->replicas->per_million.has_value());
  CHECK(*found->replicas->per_million == Approx(5 * 0.36 / 0.936));
  CHECK(capacity_text(*found).find("5 if one may fail") != std::string::npos);
  CHECK(capacity_json(*found)["replicas"]["n_plus_1"] == 5);
}

TEST_CASE("capacity: the next nine is the same bound for the next quantile") {
  const auto found = capacity_of(kServer, "response_time.p90 < 100ms");
  REQUIRE(found.has_value());
  REQUIRE(found->next_nine.has_value());
  CHECK(found->next_nine->slo == "response_time.p99 < 100ms");
  CHECK(found->next_nine->needed >= found->replicas->needed);
  CHECK(report::to_text(capacity_json(*found)) ==
        report::to_text(capacity_json(*capacity_of(kServer, "response_time.p90 < 100ms", 3))));
}

TEST_CASE("capacity: a promise that no rate keeps has none, and no number of targets") {
  const auto found = capacity_of(kServer, "response_time.mean < 5ms");
  REQUIRE(found.has_value());
  CHECK(found->highest.value == 0);
  CHECK_FALSE(found->replicas.has_value());
  CHECK(found->headroom() == -1);
}

TEST_CASE("capacity: what has no such answer says why") {
  const auto why = [](const std::string& text, const std::string& slo) {
    const auto found = capacity_of(text, slo);
    return found ? std::string{} : found.error().where + ": " + found.error().why;
  };
  CHECK(why(kServer, "response_time.mean > 5ms").find("is no promise") != std::string::npos);
  CHECK(
      why(kServer + "sweep: {load: [0.5, 0.6]}\n", "response_time.mean < 1s").starts_with("sweep"));
  CHECK(why("arrivals: {closed: {clients: 2, think: {constant: 1s}}}\n"
            "services: {server: {time: {exponential: 10ms}}}\n",
            "response_time.mean < 1s")
            .starts_with("arrivals"));
}

}  // namespace
}  // namespace headgate::sim
