#include "headgate/sim/experiment.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "headgate/core/hash.hpp"
#include "headgate/report/json.hpp"
#include "headgate/sim/differences.hpp"
#include "headgate/sim/results.hpp"

namespace headgate::sim {
namespace {

config::Scenario scenario_of(const std::string& text) {
  auto loaded = config::load_scenario_text(text, "test.yaml");
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    UNSCOPED_INFO(config::to_text(diagnostic));
  }
  REQUIRE(loaded.ok());
  return std::move(loaded.value);
}

Results results_of(const std::string& text, unsigned threads = 1) {
  auto results = run_experiment(scenario_of(text), {.threads = threads});
  REQUIRE(results.has_value());
  return std::move(*results);
}

std::string json_of(const Results& results) { return report::to_text(results_json(results)); }

const std::string kMm1 =
    "arrivals: {poisson: 50/s}\n"
    "services: {server: {time: {exponential: 10ms}}}\n";

TEST_CASE("experiment: the bytes of the results do not depend on the threads") {
  const std::string text = kMm1 +
                           "sweep: {load: [0.5, 0.9]}\n"
                           "run: {jobs: 2k, replications: 7, seed: 3}\n"
                           "expect: ['response_time.mean < 1s']\n";
  const std::string one = json_of(results_of(text, 1));
  CHECK(one == json_of(results_of(text, 1)));
  CHECK(one == json_of(results_of(text, 2)));
  CHECK(one == json_of(results_of(text, 5)));
}

TEST_CASE("experiment: an interval of greater confidence is wider around the same value") {
  // Student's t of four degrees of freedom: 2.77645 for 95 %, 8.61030 for 99.9 %.
  const Results results = results_of(kMm1 + "run: {jobs: 500, replications: 5}");
  const auto usual = results.points[0].estimate("response_time.mean");
  const auto surer = results.points[0].estimate("response_time.mean", 0.999);
  REQUIRE((usual && surer));
  CHECK(usual->value == surer->value);
  CHECK(surer->confidence == 0.999);
  CHECK((surer->high - surer->value) / (usual->high - usual->value) == Approx(3.10119));
}

TEST_CASE("experiment: waited_share counts those who found no free server") {
  // Every other paced request finds the one before it in service: 15 ms of work each 20 ms for
  // two targets in turn, the second of which takes 45 ms for what comes each 40 ms.
  const Results results = results_of(
      "arrivals: {constant: 50/s}\n"
      "services: {s: {targets: 2, balance: {policy: round_robin}, time: {constant: 15ms},\n"
      "  except: [{target: 1, time: {constant: 45ms}}]}}\n"
      "run: {duration: 4s, replications: 2}\n");
  const auto waited = results.points[0].estimate("waited_share");
  REQUIRE(waited.has_value());
  CHECK(waited->value == 99.0 / 200);  // all that the second target gets, but its first
}

TEST_CASE("experiment: another seed gives other bytes") {
  const std::string run = "run: {jobs: 1k, replications: 2, seed: ";
  CHECK(json_of(results_of(kMm1 + run + "1}")) != json_of(results_of(kMm1 + run + "2}")));
}

TEST_CASE("experiment: load is offered work over the capacity of the service") {
  // Two targets of three servers, 10 ms each: 600/s. The slower one has 300 / 2: 450/s in all.
  const std::string text =
      "arrivals: {poisson: 1/s}\n"
      "services: {s: {targets: 2, servers: 3, time: {constant: 10ms}, balance: {policy: random},\n"
      "  except: [{target: 1, time: {constant: 20ms}}]}}\n"
      "sweep: {load: [0.25, 0.5]}\nrun: {jobs: 100, replications: 2}\n";
  const Results results = results_of(text);
  REQUIRE(results.points.size() == 2);
  CHECK(results.points[0].plan().arrivals.rate()->per_second() == Approx(112.5));
  CHECK(results.points[1].plan().arrivals.rate()->per_second() == Approx(225));
}

TEST_CASE("experiment: precision adds replications until the interval is narrow enough") {
  const std::string text = kMm1 +
                           "run: {jobs: 2k, precision: 3%, on: [response_time.mean]}\n"
                           "expect: ['response_time.mean = 20ms within 8%']\n";
  const Results results = results_of(text);
  const auto mean = results.points[0].estimate("response_time.mean");
  REQUIRE(mean.has_value());
  CHECK((mean->high - mean->low) / 2 <= 0.03 * mean->value);
  CHECK(results.points[0].replications() > 10);  // ten of 2000 know it to about 7 %
  CHECK(results.points[0].replications() < 200);
  CHECK(json_of(results) == json_of(results_of(text, 3)));
}

TEST_CASE("experiment: the jobs it asks for are those that give the precision") {
  // Half-widths shrink with the square root of the effort; 95 % of M/M/1 at load 0.5 to ±1 % need
  // 1.11 M jobs (D. J. Daley's asymptotic variance). The estimate of it from ten is rough.
  const Results results = results_of(kMm1 + "run: {jobs: 20k, replications: 20}");
  const auto jobs = jobs_for(results.points[0], "response_time.mean", 0.01);
  REQUIRE(jobs.has_value());
  CHECK(*jobs > 0.3e6);
  CHECK(*jobs < 3e6);
  CHECK(*jobs / 4 == Approx(*jobs_for(results.points[0], "response_time.mean", 0.02)));
  CHECK_FALSE(jobs_for(results.points[0], "send_lag.mean", 0.01).has_value());
}

TEST_CASE("experiment: expectations decide the exit code") {
  const std::string run = "run: {jobs: 2k, replications: 10}\n";
  const auto code = [&](const std::string& expect) {
    return results_of(kMm1 + run + "expect: ['" + expect + "']\n").exit_code();
  };
  CHECK(code("response_time.mean < 1s") == ExitCode::kYes);
  CHECK(code("response_time.mean < 12ms") == ExitCode::kNo);
  CHECK(code("response_time.mean = 20ms within 0.01%") == ExitCode::kInconclusive);
  CHECK(code("send_lag.mean < 1s") == ExitCode::kNo);  // a simulation has none: never passed unseen
  CHECK(results_of(kMm1 + run).exit_code() == ExitCode::kYes);
}

TEST_CASE("experiment: told to stop at once it ends cleanly and concludes nothing") {
  const std::atomic<bool> stop{true};
  const auto results =
      run_experiment(scenario_of(kMm1 + "run: {jobs: 1M}\nexpect: ['response_time.mean < 1s']\n"),
                     {.threads = 2, .stop = &stop});
  REQUIRE(results.has_value());
  CHECK(results->interrupted);
  CHECK(results->points.empty());
  CHECK(results->exit_code() == ExitCode::kInconclusive);
  CHECK(results_json(*results)["interrupted"] == true);
}

TEST_CASE("experiment: a quantile's estimate is that of all requests together") {
  const Results results = results_of(kMm1 + "run: {jobs: 2k, replications: 5}");
  const PointResult& point = results.points[0];
  const auto p99 = point.estimate("response_time.p99");
  REQUIRE(p99.has_value());
  CHECK(p99->value == static_cast<double>(point.response_time().quantile(0.99).count()));
  CHECK(p99->low < p99->value);
  CHECK(p99->value < p99->high);
  const auto max = point.estimate("response_time.max");
  REQUIRE(max.has_value());
  CHECK(max->value == static_cast<double>(point.response_time().max().count()));
  CHECK(max->confidence == 0);
}

TEST_CASE("results: the document has the words of INTERFACES section 6") {
  const report::Json json = results_json(
      results_of("question: Why?\n" + kMm1 +
                 "sweep: {load: [0.5], servers: {path: services.server.servers, values: [2]}}\n"
                 "run: {jobs: 1k, replications: 2}\n"
                 "expect: [{expect: 'response_time.p99 < 1s', why: because}]\n"));
  CHECK(json["format"] == "headgate.sim/1");
  const report::Json& point = json["points"].at(0);
  CHECK(point["at"]["load"] == 0.5);
  CHECK(point["at"]["servers"] == 2);
  for (const char* key :
       {"scheduled", "ok", "refused", "failed", "timed_out", "in_flight", "not_sent"}) {
    CHECK(point["totals"][key].is_number_unsigned());
  }
  CHECK(point["totals"]["scheduled"] == 2000);
  const auto is_estimate = [](const report::Json& e) {
    return e["value"].is_number() && e["low"] <= e["value"] && e["value"] <= e["high"] &&
           e["confidence"] == 0.95;
  };
  CHECK(is_estimate(point["throughput"]));
  for (const char* key : {"mean_ns", "p50_ns", "p90_ns", "p95_ns", "p99_ns", "p999_ns"}) {
    CHECK(is_estimate(point["response_time"][key]));
  }
  CHECK(point["response_time"]["hdr"].get<std::string>().starts_with("HISTF"));
  CHECK(is_estimate(point["services"]["server"]["utilisation"]));
  CHECK(is_estimate(point["services"]["server"]["targets"]["server/0"]["share"]));
  CHECK(json["expect"][0]["expect"] == "response_time.p99 < 1s");
  CHECK(json["expect"][0]["why"] == "because");
  CHECK(json["expect"][0]["passed"] == true);
  CHECK(json["expect"][0]["observed"].is_string());
  CHECK(json["passed"] == true);
}

TEST_CASE("results: for people, a short run says how long it should have been") {
  const std::string text =
      results_text(results_of("question: Why?\n" + kMm1 +
                              "run: {jobs: 500, replications: 4}\n"
                              "expect: [{expect: 'response_time.mean < 1s', why: because}]\n"),
                   {});
  CHECK(text.starts_with("Why?\n"));
  CHECK(text.find("response_time.mean") != std::string::npos);
  CHECK(text.find("requests for ±1%") != std::string::npos);
  CHECK(text.find("yes") != std::string::npos);
  CHECK(text.find("why: because") != std::string::npos);
  CHECK(text.find('\033') == std::string::npos);
}

TEST_CASE("experiment: one long run is cut into sections, and its parts add up to the whole") {
  const std::string text = kMm1 + "run: {jobs: 30k, replications: 1, seed: 4}\n";
  const Results results = results_of(text, 2);
  const PointResult& point = results.points[0];
  CHECK(point.replications() == 1);
  CHECK(point.is_sectioned());
  CHECK(point.totals().scheduled == 30'000);
  CHECK(point.totals().adds_up());
  const std::atomic<bool> never{false};
  const Outcome whole = replicate(point.plan(), combine64(4, 0), never);
  CHECK(point.response_time() == whole.response_time);
  CHECK(point.queue_time() == whole.queue_time);
  const auto mean = point.estimate("response_time.mean");
  REQUIRE(mean.has_value());
  CHECK(mean->confidence == 0.95);
  CHECK(mean->low < 20e6);  // M/M/1 at half load: 10 ms / (1 - 0.5)
  CHECK(mean->high > 20e6);
  CHECK(json_of(results) == json_of(results_of(text, 1)));
}

TEST_CASE("experiment: a run of so much time has sections of equal length") {
  const Results results = results_of(
      "arrivals: {constant: 100/s}\nservices: {s: {time: {constant: 1ms}}}\n"
      "run: {duration: 30s, replications: 1}\n");
  const auto offered = results.points[0].estimate("offered");
  REQUIRE(offered.has_value());
  CHECK(offered->value == Approx(100).epsilon(0.01));
  CHECK(offered->high - offered->low < 1);
  CHECK(results.points[0].totals().scheduled == 3000);
}

TEST_CASE("experiment: the start is cut off where the response times have risen") {
  // A hundred servers of one second each, empty at first: the first answers come after the longest
  // rise there is, and none before it is like the later ones.
  const Results results = results_of(
      "arrivals: {poisson: 95/s}\n"
      "services: {s: {servers: 100, time: {exponential: 1s}}}\n"
      "run: {jobs: 20k, replications: 4}\n");
  REQUIRE(results.points[0].warmup().has_value());
  const Warmup& warmup = *results.points[0].warmup();
  CHECK(warmup.found);
  CHECK(warmup.requests >= 200);  // a hundredth at least
  CHECK(warmup.requests * 4 == results.points[0].warmup_requests());
  CHECK(warmup.means_ns.size() * warmup.batch_size <= 20'000);
}

TEST_CASE("experiment: a queue that grows for ever has no end of its start") {
  const Results results = results_of(
      "arrivals: {poisson: 150/s}\nservices: {s: {time: {exponential: 10ms}, queue: 10000}}\n"
      "run: {jobs: 4k, replications: 2}\n");
  REQUIRE(results.points[0].warmup().has_value());
  CHECK_FALSE(results.points[0].warmup()->found);
}

TEST_CASE("experiment: a warm-up that is given is not looked for") {
  const Results results = results_of(kMm1 + "run: {jobs: 1k, replications: 2, warmup: 2s}\n");
  CHECK_FALSE(results.points[0].warmup().has_value());
}

TEST_CASE("experiment: paired by equal draws, a small difference shows that intervals hide") {
  // M/D/1 against the same queue with 1 % longer service: at 80 % load 30 ms and (Pollaczek and
  // Khinchine, load 0.808) 31.352 ms.
  const std::string text =
      "arrivals: {poisson: 80/s}\nservices: {s: {time: {constant: 10ms}}}\n"
      "sweep: {time: {path: services.s.time.constant, values: [10ms, 10.1ms]}}\n"
      "run: {jobs: 4k, replications: 8}\n"
      "expect: ['response_time.mean: 10ms < 10.1ms']\n";
  const Results results = results_of(text);
  const auto found = difference(results.points[1], results.points[0], "response_time.mean");
  REQUIRE(found.has_value());
  CHECK(found->correlation > 0.99);
  CHECK(found->estimate.low < 1.352e6);
  CHECK(found->estimate.high > 1.352e6);
  CHECK(found->estimate.low > 0);
  const auto one = results.points[0].estimate("response_time.mean");
  const auto other = results.points[1].estimate("response_time.mean");
  REQUIRE(one.has_value());
  REQUIRE(other.has_value());
  CHECK(one->high > other->low);  // alone they would not tell
  CHECK(results.expect[0].verdict.passed);
  CHECK(results.expect[0].verdict.certain);
  const auto json = results_json(results);
  REQUIRE(json["differences"].size() == 1);
  CHECK(json["differences"][0]["dimension"] == "time");
  CHECK(json["differences"][0]["a"] == "10ms");
  CHECK(json["differences"][0]["figures"]["response_time.mean"]["correlation"] > 0.99);
}

TEST_CASE("experiment: pairs differ in one dimension; of many values only neighbours are paired") {
  const std::string text = kMm1 +
                           "sweep: {load: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6],\n"
                           "  servers: {path: services.server.servers, values: [1, 2, 3]}}\n"
                           "run: {jobs: 50, replications: 2}\n";
  const Results results = results_of(text);
  std::size_t load = 0;
  std::size_t servers = 0;
  for (const PointPair& pair : pairs_of(results.points)) {
    ++(pair.dimension == "load" ? load : servers);
    CHECK(pair.others.size() == 1);
    CHECK(pair.first < pair.second);
  }
  CHECK(load == std::size_t{5} * 3);
  CHECK(servers == std::size_t{3} * 6);
}

TEST_CASE("experiment: where no steady state is, a run of so many requests is refused") {
  const auto error_of = [](const std::string& text) {
    const auto plans = plan_points(scenario_of(text));
    return plans ? std::string{} : plans.error().where + ": " + plans.error().why;
  };
  const std::string overload = "arrivals: {poisson: 100/s}\nservices: {server: {time: ";
  CHECK(error_of(overload + "{exponential: 10ms}}}\n")
            .starts_with("arrivals: 100/s for services.server"));
  CHECK(error_of(overload + "{exponential: 9.9ms}}}\n").empty());
  CHECK(error_of(overload + "{exponential: 10ms}, queue: 5}}\n").empty());
  CHECK(error_of(overload + "{exponential: 10ms}}}\nrun: {duration: 1s}\n").empty());
  CHECK(error_of(kMm1 + "sweep: {load: [0.9, 1]}\n").starts_with("sweep.load: "));
  CHECK(error_of(kMm1 + "sweep: {load: [0.9, 0.99]}\n").empty());
  CHECK(error_of("arrivals: {closed: {clients: 9, think: {constant: 0s}}}\n"
                 "services: {server: {time: {exponential: 10ms}}}\n")
            .empty());
}

}  // namespace
}  // namespace headgate::sim
