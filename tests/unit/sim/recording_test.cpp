// What a recording says of runs whose course can be followed by hand, and that its sums are those
// of the replication itself.
#include "headgate/sim/recording.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "plans.hpp"

namespace headgate::sim {
namespace {

using namespace test;

const std::atomic<bool> kNoStop{false};

Outcome record(const Plan& plan, Recording& recording, std::uint64_t seed = 1) {
  return replicate(plan, seed, kNoStop, &recording);
}

arrival::Arrivals every(Duration gap) { return {arrival::ConstantArrivals{make_rate(1, gap)}}; }

// One server of 10 ms, one request each 5 ms for 100 ms: the n-th waits 5 n ms.
Plan overloaded() {
  Plan plan =
      plan_of({.arrivals = every(5ms), .time = arrival::Distribution::constant(10ms).value()});
  plan.horizon = {.duration = 100ms, .jobs = {}};
  return plan;
}

// The slow target never answers in time, the fast one always; a retry goes to the other.
Plan one_slow_target() {
  Plan plan = plan_of({.arrivals = paced(0.1), .time = constant(), .targets = 2});
  plan.services[0].targets[0].time = arrival::Distribution::constant(4 * kUnit).value();
  plan.services[0].response_timeout = 2 * kUnit;
  plan.services[0].guard.retry = {.attempts = 1,
                                  .on = resilience::FaultSet{resilience::Fault::Kind::kTimeout},
                                  .backoff = {.base = 1ms, .max = 1ms},
                                  .budget = resilience::RetryPolicy::NoBudget{}};
  plan.horizon = {.duration = 1s, .jobs = {}};
  return plan;
}

template <class T>
T sum(const std::vector<T>& values) {
  return std::accumulate(values.begin(), values.end(), T{});
}

// Levels are means over the bins; with their lengths they are sums of time again.
double sum_ns(const Series& series, const std::vector<double>& levels) {
  double total = 0;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const Duration start = series.width * static_cast<std::int64_t>(i);
    total += levels[i] * static_cast<double>(std::min(series.width, series.length - start).count());
  }
  return total;
}

Duration spent(const Recording& recording, const JourneyTimes& journey, Stage stage) {
  for (std::uint32_t i = 0; i < journey.count; ++i) {
    const Spent& entry = recording.spent()[journey.first + i];
    if (entry.stage == stage) return entry.time;
  }
  return {};
}

constexpr Stage queue_at(std::uint32_t target) { return {Stage::Kind::kQueue, target}; }
constexpr Stage service_at(std::uint32_t target) { return {Stage::Kind::kService, target}; }
constexpr Stage kRetryWait{Stage::Kind::kRetry, 0};

TEST_CASE("recording: the series of an overloaded server add up to what each request waited") {
  const Plan plan = overloaded();
  Recording recording(plan, {});
  static_cast<void>(record(plan, recording));
  const Series series = recording.series();
  CHECK(series.bins > BinScale::kBinsMax / 2);
  CHECK(series.bins <= BinScale::kBinsMax);
  CHECK(series.length == 200ms);  // twenty of 10 ms, one after the other
  CHECK(sum(series.offered) == 20);
  CHECK(sum(series.ok) == 20);
  CHECK(sum_ns(series, series.waiting[0]) == Approx(5e6 * 19 * 20 / 2));  // 0 + 5 + … + 95 ms
  CHECK(sum_ns(series, series.busy[0]) == Approx(200e6));
  CHECK(sum_ns(series, series.in_system) == Approx(5e6 * 19 * 20 / 2 + 200e6));
  CHECK(std::ranges::max(series.waiting[0]) == Approx(10));  // the twentieth finds ten before it
  CHECK(recording.window_start() == TimePoint{});
  CHECK(recording.window_end() == TimePoint{100ms});
}

TEST_CASE("recording: a bin knows the mean of its responses exactly and their p99 within 2 %") {
  const Plan plan = overloaded();
  Recording recording(plan, {});
  static_cast<void>(record(plan, recording));
  const Series series = recording.series();
  const auto last = static_cast<std::size_t>((200ms - 1ns) / series.width);
  // The last answer comes at 200 ms, of a request sent at 95 ms.
  CHECK(series.response_mean_ns[std::min(last + 1, series.bins - 1)] == 105e6);
  CHECK(series.response_p99_ns[std::min(last + 1, series.bins - 1)] == Approx(105e6).epsilon(0.02));
  CHECK(std::isnan(series.response_mean_ns[0]));  // nobody is answered before 10 ms
}

TEST_CASE("recording: the stages of a request add up to its response time, to the nanosecond") {
  const Plan plan = overloaded();
  Recording recording(plan, {.journeys = true});
  static_cast<void>(record(plan, recording));
  REQUIRE(recording.journeys().size() == 20);
  for (std::uint32_t n = 0; n < 20; ++n) {
    const JourneyTimes& journey = recording.journeys()[n];
    CHECK(spent(recording, journey, queue_at(0)) == 5ms * n);
    CHECK(spent(recording, journey, service_at(0)) == 10ms);
    CHECK(journey.response == 5ms * n + 10ms);
  }
}

TEST_CASE(
    "recording: a request that was tried again has waited at one target and was served at "
    "another") {
  const Plan plan = one_slow_target();
  Recording recording(plan, {.journeys = true, .trace_from = TimePoint{}, .trace_max = 1000});
  const Outcome outcome = record(plan, recording);
  std::uint64_t again = 0;
  for (const JourneyTimes& journey : recording.journeys()) {
    Duration total{};
    for (std::uint32_t i = 0; i < journey.count; ++i) {
      total += recording.spent()[journey.first + i].time;
    }
    REQUIRE(total == journey.response);
    REQUIRE(spent(recording, journey, service_at(1)) == kUnit);
    if (journey.attempts == 1) continue;
    ++again;
    REQUIRE(spent(recording, journey, service_at(0)) == 2 * kUnit);  // then the gateway gave up
    REQUIRE(spent(recording, journey, kRetryWait) == journey.response - 3 * kUnit);
  }
  CHECK(again == outcome.services[0][0].picked);
  CHECK(sum(recording.series().retries) == again);
  // The trace sees the slow target work on, after the client has its answer.
  REQUIRE(recording.trace().size() == outcome.totals.scheduled);
  for (const TracedRequest& request : recording.trace()) {
    if (request.attempts.size() < 2) continue;
    REQUIRE(request.attempts[0].concluded - request.attempts[0].picked == 2 * kUnit);
    REQUIRE(request.attempts[0].finished - request.attempts[0].started == 4 * kUnit);
    REQUIRE(request.attempts[1].finished == request.settled);
  }
}

TEST_CASE("recording: a client that gives up in the queue has spent all its time there") {
  Plan plan = overloaded();
  plan.clients.timeout = 12ms;
  Recording recording(plan, {.journeys = true});
  const Outcome outcome = record(plan, recording);
  CHECK(outcome.totals.ok == 1);
  const JourneyTimes& third = recording.journeys().at(2);  // sent at 10, given up at 22 of 20 … 30
  CHECK(third.response == 12ms);
  CHECK(spent(recording, third, queue_at(0)) == 10ms);
  CHECK(spent(recording, third, service_at(0)) == 2ms);
  CHECK(spent(recording, recording.journeys().at(3), queue_at(0)) == 12ms);
  CHECK(sum(recording.series().timed_out) == 19);
}

TEST_CASE("recording: a run that is watched is the run that is not") {
  Shape shape{.arrivals = poisson(2.4), .targets = 3, .balance = "two_choices", .jobs = 5000};
  shape.station = {.servers = 1, .queue_max = 4};
  Plan plan = plan_of(shape);
  plan.clients.timeout = 5 * kUnit;
  Recording recording(plan, {.journeys = true, .trace_from = TimePoint{}});
  const Outcome watched = record(plan, recording, 7);
  CHECK(figures_of(plan, watched) == figures_of(plan, run(plan, 7)));
  const Series series = recording.series();
  CHECK(sum(series.offered) == watched.totals.scheduled + watched.warmup_requests);
  CHECK(recording.journeys().size() == watched.response_time.count());
  CHECK(recording.trace().size() == 400);
}

TEST_CASE("recording: bins of a long run are those of a short one, added together") {
  BinScale scale;
  Bins<std::int64_t> bins;
  const TimePoint end{std::chrono::hours{1}};
  while (scale.ends_before(end)) {
    scale.widen();
    bins.merge_pairs();
  }
  add_span(bins, scale, TimePoint{30min}, end, 2);
  CHECK(scale.bin_of(end) < BinScale::kBinsMax);
  CHECK(scale.bin_of(end) >= BinScale::kBinsMax / 2);
  CHECK(sum(bins.values()) == 2 * Duration{30min}.count());
  const std::vector<std::int64_t> before = bins.values();
  bins.merge_pairs();
  CHECK(bins.values().size() == (before.size() + 1) / 2);
  CHECK(bins.values()[70] == before[140] + before[141]);
  CHECK(sum(bins.values()) == 2 * Duration{30min}.count());
}

TEST_CASE("recording: a rough quantile is that of rank ceil(q n), within 2 %") {
  RoughHistogram histogram;
  CHECK(histogram.quantile(0.99) == 0ns);
  for (int i = 1; i <= 200; ++i) histogram.record(i * 1ms);
  CHECK(static_cast<double>(histogram.quantile(0.99).count()) == Approx(198e6).epsilon(0.02));
  CHECK(static_cast<double>(histogram.quantile(0.5).count()) == Approx(100e6).epsilon(0.02));
  RoughHistogram small;
  for (int i = 1; i <= 63; ++i) small.record(i * 1ns);
  CHECK(small.quantile(1) == 63ns);
  CHECK(small.quantile(0.5) == 32ns);
}

}  // namespace
}  // namespace headgate::sim
