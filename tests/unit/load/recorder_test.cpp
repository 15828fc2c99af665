#include "headgate/load/recorder.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cmath>

#include "headgate/core/random.hpp"

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kRunStart{100s};

constexpr TimePoint moment(Duration since_start) { return kRunStart + since_start; }

Flight flight(Duration intended, Duration sent, std::uint32_t target = 0) {
  return {
      .due = {.sequence = 0, .intended = moment(intended)}, .sent = moment(sent), .target = target};
}

Recorder recorder(std::size_t targets = 1) {
  Recorder made{targets};
  made.begin(kRunStart, moment(10s));
  return made;
}

TEST_CASE("recorder: response time counts from the intended time, service time from the write") {
  Recorder seen = recorder();
  const Flight request = flight(100ms, 130ms);
  seen.due(request.due);
  seen.sent(request, moment(120ms));
  seen.answered(request, moment(170ms), {.status = 200});
  const Tally& tally = seen.tally();
  CHECK(tally.response_time.max() == 70ms);
  CHECK(tally.service_time.max() == 40ms);
  CHECK(tally.send_lag.max() == 30ms);
  CHECK(tally.lateness.max() == 10ms);  // it could have gone out at 120 ms
  CHECK(tally.totals == stats::Totals{.scheduled = 1, .ok = 1});
  CHECK(seen.open() == 0);
}

TEST_CASE("recorder: a request sent at once is late by what the generator took, not by waiting") {
  Recorder seen = recorder();
  const Flight request = flight(100ms, 101ms);
  seen.due(request.due);
  seen.sent(request, moment(0ms));  // the connection had been free all along
  CHECK(seen.tally().lateness.max() == 1ms);
  CHECK(seen.open() == 1);
}

TEST_CASE("recorder: refused and failed requests are counted and not timed") {
  Recorder seen = recorder();
  for (const Answer answer : {Answer{.status = 429}, Answer{.status = 503, .has_retry_after = true},
                              Answer{.status = 503}, Answer{.status = 404}}) {
    const Flight request = flight(0ms, 0ms);
    seen.due(request.due);
    seen.sent(request, moment(0ms));
    seen.answered(request, moment(1ms), answer);
  }
  const Flight broken = flight(0ms, 0ms);
  seen.due(broken.due);
  seen.failed(broken, moment(1ms), Failure::kConnectionReset);
  const Tally& tally = seen.tally();
  CHECK(tally.totals == stats::Totals{.scheduled = 5, .refused = 2, .failed = 3});
  CHECK(tally.response_time.count() == 0);
  CHECK(tally.service_time.count() == 0);
  CHECK(tally.send_lag.count() == 4);
  CHECK(tally.statuses[429] == 1);
  CHECK(tally.statuses[503] == 2);
  CHECK(tally.statuses[404] == 1);
  CHECK(tally.failures[static_cast<std::size_t>(Failure::kConnectionReset)] == 1);
  CHECK(tally.answered_in_time == 4);
  CHECK(tally.ok_in_time == 0);
}

TEST_CASE("recorder: what was given up or cut off is timed as it stands") {
  Recorder seen = recorder();
  const Flight late = flight(0ms, 10ms);
  const Flight cut = flight(8s, 8s);
  const Due waiting{.sequence = 2, .intended = moment(9s)};
  Flight unsent = flight(0ms, 0ms);
  unsent.sent = TimePoint{};  // its connection never stood
  for (const Due& due : {late.due, cut.due, waiting, unsent.due}) seen.due(due);
  seen.timed_out(late, moment(5s));
  seen.timed_out(unsent, moment(5s));
  seen.in_flight(cut, moment(11s));
  seen.not_sent(waiting, moment(11s));
  const Tally& tally = seen.tally();
  CHECK(tally.totals ==
        stats::Totals{.scheduled = 4, .timed_out = 2, .in_flight = 1, .not_sent = 1});
  CHECK(tally.response_time.count() == 4);
  CHECK(tally.response_time.min() == 2s);  // the one never sent
  CHECK(tally.response_time.max() == 5s);
  CHECK(tally.service_time.count() == 2);
  CHECK(tally.service_time.min() == 3s);
  CHECK(tally.service_time.max() == 4990ms);
}

TEST_CASE("recorder: answers after the end are counted, but not in the rates") {
  Recorder seen = recorder();
  for (const Duration done : {Duration{9s}, Duration{10s}, 10s + 1ns, Duration{11s}}) {
    const Flight request = flight(8s, 8s);
    seen.due(request.due);
    seen.sent(request, moment(8s));
    seen.answered(request, moment(done), {.status = 200});
  }
  CHECK(seen.tally().totals.ok == 4);
  CHECK(seen.tally().answered_in_time == 2);
  CHECK(seen.tally().ok_in_time == 2);
}

TEST_CASE("recorder: the series counts what fell due and what ended, second by second") {
  Recorder seen = recorder();
  const Flight request = flight(900ms, 900ms);
  seen.due(request.due);
  seen.sent(request, moment(900ms));
  seen.answered(request, moment(2100ms), {.status = 200});
  const auto& series = seen.tally().series;
  REQUIRE(series.size() == 3);
  CHECK(series[0].totals == stats::Totals{.scheduled = 1});
  CHECK(series[1].totals == stats::Totals{});
  CHECK(series[2].totals == stats::Totals{.ok = 1});
  CHECK(series[2].response_time.exact.count == 1);
  CHECK(series[2].response_time.exact.max == 1200ms);
}

TEST_CASE("recorder: each second has the percentiles of what was settled in it") {
  Recorder seen = recorder();
  for (int i = 1; i <= 300; ++i) {  // 100 a second, the first of 1 to 100 ms, then 2 to 200 …
    const int second = (i - 1) / 100;
    const Duration done = second * 1s + 500ms + i * 1us;
    const Flight request = flight(done - ((i - 1) % 100 + 1) * (second + 1) * 1ms, done);
    seen.due(request.due);
    seen.sent(request, moment(done));
    seen.received(10, moment(done));
    seen.answered(request, moment(done), {.status = 200});
  }
  const auto& series = seen.tally().series;
  for (std::size_t second = 0; second < 3; ++second) {
    stats::CoarseHistogram histogram;
    histogram.merge(series[second].response_time);
    const auto factor = static_cast<double>(second + 1);
    CHECK(histogram.exact().count == 100);
    CHECK(histogram.exact().min == Duration{1ms} * static_cast<int>(second + 1));
    CHECK(static_cast<double>(histogram.quantile(0.5).count()) ==
          Approx(50e6 * factor).epsilon(0.008));
    CHECK(static_cast<double>(histogram.quantile(0.99).count()) ==
          Approx(99e6 * factor).epsilon(0.008));
    CHECK(histogram.quantile(1) == Duration{100ms} * static_cast<int>(second + 1));
    CHECK(series[second].bytes_in == 1000);
  }
}

TEST_CASE("recorder: a second that comes again keeps what it had") {
  Recorder seen = recorder();
  for (const Duration done : {Duration{500ms}, Duration{1500ms}, Duration{600ms}}) {
    const Flight request = flight(0ms, 0ms);
    seen.due(request.due);
    seen.answered(request, moment(done), {.status = 200});
  }
  const auto& series = seen.tally().series;
  CHECK(series[0].response_time.exact.count == 2);
  CHECK(series[0].response_time.exact.max == 600ms);
  CHECK(series[1].response_time.exact.count == 1);
}

TEST_CASE("recorder: whole responses are timed by the class of their status, whatever it is") {
  Recorder seen = recorder();
  int took = 0;
  for (const int status : {200, 204, 301, 404, 429, 500, 503}) {
    const Flight request = flight(0ms, 0ms);
    seen.due(request.due);
    seen.sent(request, moment(0ms));
    seen.answered(request, moment(++took * 10ms), {.status = status});
  }
  const auto& classes = seen.tally().classes;
  CHECK(classes[0].count() == 0);
  CHECK(classes[1].max() == 20ms);
  CHECK(classes[2].count() == 1);
  CHECK(classes[3].min() == 40ms);
  CHECK(classes[3].max() == 50ms);
  CHECK(classes[4].count() == 2);
  CHECK(classes[4].max() == 70ms);
  CHECK(seen.tally().response_time.max() == 30ms);  // of the served ones
}

TEST_CASE("recorder: failures are counted by kind and by the system's word") {
  Recorder seen = recorder();
  const auto fail = [&seen](const Fault& fault) {
    const Flight request = flight(0ms, 0ms);
    seen.due(request.due);
    seen.failed(request, moment(1ms), fault);
  };
  fail({Failure::kConnectFailed, ENETUNREACH});
  fail({Failure::kConnectionReset, EPIPE});
  fail({Failure::kConnectFailed, EADDRNOTAVAIL});
  fail({Failure::kConnectFailed, ENETUNREACH});
  fail(Failure::kConnectionClosed);
  const Tally& tally = seen.tally();
  CHECK(tally.totals.failed == 5);
  CHECK(tally.failures[static_cast<std::size_t>(Failure::kConnectFailed)] == 3);
  const std::vector<ErrorCount> expected{{Failure::kConnectionReset, EPIPE, 1},
                                         {Failure::kConnectFailed, EADDRNOTAVAIL, 1},
                                         {Failure::kConnectFailed, ENETUNREACH, 2}};
  CHECK(tally.errors == expected);
}

TEST_CASE("recorder: censored samples are counted where they are timed") {
  Recorder seen = recorder();
  const Flight late = flight(0ms, 10ms);
  const Flight cut = flight(8s, 8s);
  const Due waiting{.sequence = 2, .intended = moment(9s)};
  const Flight good = flight(1s, 1s);
  for (const Due& due : {late.due, cut.due, waiting, good.due}) seen.due(due);
  seen.answered(good, moment(2s), {.status = 200});
  seen.timed_out(late, moment(5s));
  seen.in_flight(cut, moment(11s));
  seen.not_sent(waiting, moment(11s));
  CHECK(seen.tally().response_censored == 3);
  CHECK(seen.tally().response_time.count() == 4);
  CHECK(seen.tally().service_censored == 2);
  CHECK(seen.tally().service_time.count() == 3);
  CHECK(seen.tally().targets[0].response_time.count() == 3);  // one was sent nowhere
}

TEST_CASE("recorder: connections and first bytes have timings of their own") {
  Recorder seen = recorder();
  seen.connected(3ms, Duration::zero());
  seen.connected(5ms, 20ms);
  const Flight request = flight(0ms, 10ms);
  seen.due(request.due);
  seen.sent(request, moment(0ms));
  seen.answered(request, moment(90ms), {.status = 200, .first_byte = moment(50ms)});
  const Tally& tally = seen.tally();
  CHECK(tally.connect_time.count() == 2);
  CHECK(tally.connect_time.max() == 5ms);
  CHECK(tally.tls_time.count() == 1);
  CHECK(tally.tls_time.max() == 20ms);
  CHECK(tally.first_byte_time.max() == 40ms);
}

TEST_CASE("recorder: ten minutes of load take a megabyte at most") {
  // 20 000 requests a second with exponential response times, as the series keeps them.
  stats::CoarseHistogram histogram;
  Random random{7};
  for (int i = 0; i < 20'000; ++i) {
    histogram.record(Duration{static_cast<std::int64_t>(-2e6 * std::log(1 - random.uniform()))});
  }
  const std::size_t second = sizeof(Second) + histogram.pack().counts.capacity();
  CAPTURE(second);
  CHECK(600 * second < 1'000'000);
}

TEST_CASE("recorder: each target has its own counts") {
  Recorder seen = recorder(2);
  for (const std::uint32_t target : {0U, 1U, 1U}) {
    const Flight request = flight(0ms, 0ms, target);
    seen.due(request.due);
    seen.sent(request, moment(0ms));
    seen.answered(request, moment(1ms), {.status = target == 0 ? 200 : 500});
  }
  const auto& targets = seen.tally().targets;
  CHECK(targets[0].sent == 1);
  CHECK(targets[0].totals == stats::Totals{.ok = 1});
  CHECK(targets[1].sent == 2);
  CHECK(targets[1].totals == stats::Totals{.failed = 2});
}

TEST_CASE("recorder: the tallies of two threads merge to that of one") {
  Recorder one = recorder();
  Recorder half[2] = {recorder(), recorder()};
  for (int i = 0; i < 100; ++i) {
    const Flight request = flight(i * 30ms, i * 31ms);
    const TimePoint done = moment(i * 40ms);
    const Answer answer{.status = i % 10 == 0 ? 429 : 200};
    for (Recorder* seen : {&one, &half[i % 2]}) {
      seen->due(request.due);
      seen->sent(request, moment(0ms));
      seen->received(100, done);
      seen->answered(request, done, answer);
    }
  }
  Tally sum = half[0].tally();
  sum.merge(half[1].tally());
  const Tally& whole = one.tally();
  CHECK(sum.totals == whole.totals);
  CHECK(sum.response_time == whole.response_time);
  CHECK(sum.service_time == whole.service_time);
  CHECK(sum.send_lag == whole.send_lag);
  CHECK(sum.statuses == whole.statuses);
  CHECK(sum.targets[0].totals == whole.targets[0].totals);
  CHECK(sum.targets[0].sent == 100);
  CHECK(sum.bytes_in == 10'000);
  CHECK(sum.last_settled == whole.last_settled);
  REQUIRE(sum.series.size() == whole.series.size());
  for (std::size_t i = 0; i < sum.series.size(); ++i) {
    CHECK(sum.series[i].totals == whole.series[i].totals);
    CHECK(sum.series[i].bytes_in == whole.series[i].bytes_in);
    CHECK(sum.series[i].response_time == whole.series[i].response_time);
  }
}

TEST_CASE("recorder: a target that freezes is seen by every request that fell due meanwhile") {
  // G. Tene's thought experiment: 1000 requests per second for 30 s, frozen for 3 s, instant
  // otherwise, 10 connections. The share of response times above x is (3 - x) / 30, so p95 is
  // 1.5 s, p99 2.7 s and p99.9 2.97 s, while nearly all service times are instant.
  Recorder seen{1};
  seen.begin(kRunStart, moment(30s));
  for (int i = 0; i < 30'000; ++i) {
    const Duration intended = i * 1ms;
    const bool frozen = intended >= 10s && intended < 13s;
    const bool held = frozen && intended < 10s + 10ms;  // those that took the connections
    const Duration done = frozen ? 13s : intended;
    const Flight request = flight(intended, held ? intended : done);
    seen.due(request.due);
    seen.sent(request, held ? kRunStart : moment(done));
    seen.answered(request, moment(done), {.status = 200});
  }
  const Tally& tally = seen.tally();
  CHECK(tally.totals.ok == 30'000);
  const auto seconds = [&tally](double q) {
    return static_cast<double>(tally.response_time.quantile(q).count()) / 1e9;
  };
  CHECK(seconds(0.95) == Approx(1.5).epsilon(0.002));
  CHECK(seconds(0.99) == Approx(2.7).epsilon(0.002));
  CHECK(seconds(0.999) == Approx(2.97).epsilon(0.002));
  CHECK(tally.service_time.quantile(0.999) == Duration::zero());
  CHECK(tally.lateness.max() == Duration::zero());  // and none of it is the generator's fault
}

}  // namespace
}  // namespace headgate::load
