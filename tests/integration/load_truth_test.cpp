// What loadgen measures, held against what must be true: a queue whose response times are known to
// the nanosecond, a freeze whose percentiles are a formula, delays that are known.
//
// A busy machine can only make things slower. So the lower bounds are strict; the upper ones have
// room, and a run that calls itself invalid, because the machine was too busy for it, is made
// again.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>

#include "headgate/arrival/catalog.hpp"
#include "headgate/arrival/schedule.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

/// The response times of the queue that `serve` plays, from the same draws, by Lindley's recursion.
std::vector<Duration> lindley(Rate rate, Duration mean, Duration length, std::uint64_t seed) {
  arrival::PoissonSchedule schedule{rate, Random::stream(seed, "arrivals")};
  const auto time = arrival::Distribution::exponential(mean).value();
  Random service = Random::stream(1, "upstream", 0, "service");
  std::vector<Duration> response;
  Duration wait{};
  Duration before{};
  for (Duration at = schedule.next(); at < length; at = schedule.next()) {
    if (!response.empty()) wait = std::max(Duration::zero(), response.back() - (at - before));
    response.push_back(wait + time.sample(service));
    before = at;
  }
  return response;
}

double quantile_ms(std::vector<Duration> values, double q) {
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return milliseconds(values[rank - 1]);
}

TEST_CASE("truth: a queue with one worker has the response times of the queue on paper") {
  // M/M/1 at half load. The draws are seeded, so this very sample path can be computed.
  const Rate rate = make_rate(250, 1s);
  const LoadResult result = valid_run([] {
    TestUpstream upstream{{"--time", "exponential:2ms", "--seed", "1"}};
    return run_load({"--url", upstream.url(), "-R", "250/s", "--arrival", "poisson", "-d", "4s",
                     "-c", "64", "--seed", "5"});
  });
  const std::vector<Duration> paper = lindley(rate, 2ms, 4s, 5);
  REQUIRE(result.total("ok") == paper.size());
  const auto measured = result.histogram("response_time");
  for (const double q : {0.5, 0.9, 0.95, 0.99}) {
    const double expected = quantile_ms(paper, q);
    const double seen = milliseconds(measured.quantile(q));
    CAPTURE(q, expected, seen);
    CHECK(seen > 0.98 * expected);
    CHECK(seen < 1.15 * expected + 3);
  }
  // And theory: p50 is ln 2 / (500 - 250) s, p99 ln 100 / 250 s. 1000 correlated requests are
  // within about 15 % of the first and 35 % of the second.
  CHECK(quantile_ms(paper, 0.5) == Approx(2.77).epsilon(0.2));
  CHECK(quantile_ms(paper, 0.99) == Approx(18.4).epsilon(0.4));
}

TEST_CASE("truth: a frozen target is seen by every request that fell due meanwhile") {
  // Rate R for D, frozen for F: the share of response times over x is (F - x) / D.
  constexpr double kLength = 4;
  TestUpstream upstream;
  const TempDir dir;
  const std::string file = dir.path() + "/result.json";
  Process load{{command("loadgen"), "run", "--url", upstream.url(), "-R", "200/s", "-d", "4s", "-c",
                "16", "--json", file}};
  std::this_thread::sleep_for(1s);  // it only has to be within the run
  const auto frozen_at = Clock::now();
  upstream.process().signal(SIGSTOP);
  std::this_thread::sleep_for(1s);
  upstream.process().signal(SIGCONT);
  const double frozen = std::chrono::duration<double>(Clock::now() - frozen_at).count();
  static_cast<void>(load.wait());
  const auto json = nlohmann::json::parse(read_file(file));
  CHECK(json["totals"]["scheduled"] == 800);
  CHECK(json["totals"]["ok"] == 800);
  const double p95 = json["response_time"]["p95_ns"].get<double>() / 1e9;
  const double p99 = json["response_time"]["p99_ns"].get<double>() / 1e9;
  CAPTURE(frozen, p95, p99);
  CHECK(p95 > frozen - 0.05 * kLength - 0.03);
  CHECK(p95 < frozen - 0.05 * kLength + 0.15);
  CHECK(p99 > frozen - 0.01 * kLength - 0.03);
  CHECK(p99 < frozen - 0.01 * kLength + 0.15);
  // Only the 16 requests that held the connections had a long service: 2 % of 800.
  CHECK(json["service_time"]["p50_ns"].get<double>() / 1e9 < 0.05);
  CHECK(json["service_time"]["p95_ns"].get<double>() / 1e9 < 0.25);
}

TEST_CASE("truth: two known delays come out as the two they are, in their shares") {
  TestUpstream fast{{"--time", "1ms", "--workers", "1000"}};
  TestUpstream slow{{"--time", "60ms", "--workers", "1000"}};
  const TempDir dir;
  const std::string plan = dir.write(
      "plan.yaml", "targets:\n- {url: \"" + fast.url() + "\", weight: 9}\n- {url: \"" + slow.url() +
                       "\", weight: 1}\narrivals: {constant: 500/s}\nconnections: 64\n"
                       "duration: 2s\n");
  const LoadResult result = valid_run([&plan] { return run_load({"--plan", plan}); });
  const std::uint64_t slow_ones = result.json["targets"][slow.url()]["ok"];
  CHECK(result.total("ok") == 1000);
  CHECK(slow_ones == Approx(100).margin(38));  // binomial, deviation 9.5
  const auto response = result.histogram("response_time");
  CHECK(response.min() >= 999us);
  CHECK(response.quantile(0.5) < 30ms);
  // Exactly the requests to the slow one took 60 ms or more, but for a few that a busy machine
  // held.
  std::uint64_t over = 0;
  for (const auto& bucket : response.buckets()) over += bucket.high >= 60ms ? bucket.count : 0;
  CHECK(over >= slow_ones);
  CHECK(over < slow_ones + 50);
}

TEST_CASE("truth: what the generator says it sent is what the server says it served") {
  const char* threads = GENERATE("1", "2");
  TestUpstream upstream{{"--time", "exponential:1ms", "--workers", "4", "--status", "200:9,500:1"}};
  const LoadResult result = run_load({"--url", upstream.url(), "-R", "1000/s", "--arrival",
                                      "poisson", "-d", "1s", "-c", "32", "-t", threads});
  CHECK(result.total("scheduled") > 850);  // 1000 expected, deviation 32
  CHECK(result.total("scheduled") < 1150);
  CHECK(result.total("not_sent") == 0);
  CHECK(result.total("ok") + result.total("failed") == result.total("scheduled"));
  CHECK(upstream.stop() == result.total("scheduled"));
}

TEST_CASE("truth: equal seeds send at equal times, whatever the number of threads") {
  const auto scheduled = [](const char* seed, const char* threads) {
    TestUpstream upstream;
    const LoadResult result =
        run_load({"--url", upstream.url(), "-R", "3000/s", "--arrival", "poisson", "-d", "300ms",
                  "--seed", seed, "-t", threads, "-c", "8"});
    return result.total("scheduled");
  };
  const std::uint64_t one = scheduled("7", "1");
  CHECK(scheduled("7", "2") == one);
  CHECK(scheduled("8", "1") != one);  // 900 expected, deviation 30: equal once in a hundred seeds
}

TEST_CASE("truth: a client that thinks sends less, and thinking is no response time") {
  TestUpstream upstream;
  const TempDir dir;
  const std::string plan =
      dir.write("plan.yaml", "targets: [{url: \"" + upstream.url() +
                                 "\"}]\narrivals: {closed: {clients: 4, think: {constant: 50ms}}}\n"
                                 "duration: 1s\n");
  const LoadResult result = run_load({"--plan", plan});
  // Each client is due at 50 ms and every 50 ms plus the response time after that: 19 at most.
  CHECK(result.total("ok") <= 4 * 19);
  CHECK(result.total("ok") >= 4 * 5);
  CHECK(result.histogram("response_time").quantile(0.5) < 40ms);
}

}  // namespace
}  // namespace headgate::test
