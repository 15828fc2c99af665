#include "headgate/balance/latency.hpp"

#include <catch2/catch.hpp>
#include <cstdint>

#include "support/time.hpp"
#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

/// 10 s * ln 2: an average of decay 10 s forgets half in this time.
constexpr Duration kHalfLife = 6'931'471'806ns;

Latencies of(std::size_t targets, LatencyOptions options = {}) {
  Latencies latencies{options};
  std::vector<TargetInfo> infos;
  for (std::uint64_t id = 1; id <= targets; ++id) infos.push_back({.id = id});
  latencies.rebuild(infos);
  return latencies;
}

TEST_CASE("latency: samples half a life apart count a half, a quarter, an eighth") {
  // By hand, in ms: 100; then half of it and half of 20 is 60; then half and half of 20 is 40; then
  // half and half of 180 is 110.
  Latencies latencies = of(1);
  latencies.record(0, {.latency = 100ms}, at(1s));
  CHECK(latencies.projected(0, 0, at(1s)) == 100'000'000);
  latencies.record(0, {.latency = 20ms}, at(1s + kHalfLife));
  CHECK(latencies.projected(0, 0, at(1s + kHalfLife)) == Approx(60e6).epsilon(1e-6));
  latencies.record(0, {.latency = 20ms}, at(1s + 2 * kHalfLife));
  CHECK(latencies.projected(0, 0, at(1s + 2 * kHalfLife)) == Approx(40e6).epsilon(1e-6));
  latencies.record(0, {.latency = 180ms}, at(1s + 3 * kHalfLife));
  CHECK(latencies.projected(0, 0, at(1s + 3 * kHalfLife)) == Approx(110e6).epsilon(1e-6));
}

TEST_CASE("latency: a peak counts at once and whole, and is forgotten like any other") {
  Latencies latencies = of(1, {.peak = true});
  latencies.record(0, {.latency = 20ms}, at(0s));
  latencies.record(0, {.latency = 180ms}, at(0s));
  CHECK(latencies.projected(0, 0, at(0s)) == 180'000'000);
  latencies.record(0, {.latency = 20ms}, at(kHalfLife));
  CHECK(latencies.projected(0, 0, at(kHalfLife)) == Approx(100e6).epsilon(1e-6));
}

TEST_CASE("latency: at one instant the first sample stays, unless a peak comes") {
  Latencies plain = of(1);
  plain.record(0, {.latency = 50ms}, at(1s));
  plain.record(0, {.latency = 1s}, at(1s));
  CHECK(plain.projected(0, 0, at(1s)) == 50'000'000);
}

TEST_CASE("latency: reading projects the average into silence and changes nothing") {
  Latencies latencies = of(1);
  latencies.record(0, {.latency = 100ms}, at(0s));
  CHECK(latencies.projected(0, 0, at(2 * kHalfLife)) == Approx(25e6).epsilon(1e-6));
  CHECK(latencies.projected(0, 0, at(kHalfLife)) == Approx(50e6).epsilon(1e-6));
  CHECK(latencies.projected(0, 0, at(0s)) == 100'000'000);
  CHECK(latencies.projected(0, 0, at(876'000h)) == 0);
}

TEST_CASE("latency: time that goes back neither forgets nor makes a later sample older") {
  Latencies latencies = of(1);
  latencies.record(0, {.latency = 100ms}, at(20s));
  latencies.record(0, {.latency = 10ms}, at(5s));  // from a thread whose clock lags: weight 0
  CHECK(latencies.projected(0, 0, at(20s)) == 100'000'000);
  CHECK(latencies.projected(0, 0, at(20s + kHalfLife)) == Approx(50e6).epsilon(1e-6));
}

TEST_CASE("latency: a failure counts as the penalty, or as what it took if that is more") {
  Latencies latencies = of(3, {.penalty = 2s});
  latencies.record(0, {.latency = 1ms, .failed = true}, at(0s));
  CHECK(latencies.projected(0, 0, at(0s)) == 2'000'000'000);
  latencies.record(1, {.latency = 3s, .failed = true}, at(0s));
  CHECK(latencies.projected(1, 0, at(0s)) == 3'000'000'000);
  latencies.record(2, {.latency = 1ms}, at(0s));
  CHECK(latencies.projected(2, 0, at(0s)) == 1'000'000);
}

TEST_CASE("latency: absurd samples are cut, not taken at their word") {
  Latencies latencies = of(2);
  latencies.record(0, {.latency = Duration::max()}, at(0s));
  CHECK(latencies.projected(0, 0, at(0s)) == std::uint64_t{1} << 42);
  CHECK(latencies.load(0, 0xffff'ffff, at(0s)) == ((std::uint64_t{1} << 42) + 1) * 65'536);
  latencies.record(1, {.latency = -5s}, at(0s));
  CHECK(latencies.projected(1, 0, at(0s)) == 0);
}

TEST_CASE("latency: the load is the latency times the requests in flight with the next one") {
  Latencies latencies = of(1);
  latencies.record(0, {.latency = 100ns}, at(0s));
  CHECK(latencies.load(0, 0, at(0s)) == 101);
  CHECK(latencies.load(0, 1, at(0s)) == 202);
  CHECK(latencies.load(0, 9, at(0s)) == 1010);
}

TEST_CASE("latency: small steps add up, with a million samples in one time constant") {
  // 10 us apart with a decay of 10 s each sample moves the average by a millionth of the gap, less
  // than a nanosecond. After one time constant of them 1 - 1/e of the gap of 1 us is made.
  Latencies latencies = of(1);
  latencies.record(0, {.latency = 1000ns}, at(0s));
  for (int i = 1; i <= 1'000'000; ++i) latencies.record(0, {.latency = 2000ns}, at(i * 10us));
  CHECK(latencies.projected(0, 0, at(10s)) == Approx(1632).margin(2));
}

TEST_CASE("latency: before its first answer a target is first when idle and last when busy") {
  Latencies latencies = of(2);
  latencies.record(1, {.latency = 1ns}, at(0s));
  CHECK(latencies.load(0, 0, at(0s)) < latencies.load(1, 0, at(0s)));
  latencies.record(1, {.latency = Latencies::kMax}, at(9s));
  CHECK(latencies.load(0, 1, at(9s)) > latencies.load(1, 1, at(9s)));
  CHECK(latencies.load(0, 2, at(9s)) > latencies.load(0, 1, at(9s)));
}

TEST_CASE("latency: who joins has the mean of those known, who stays keeps its own") {
  Latencies latencies = of(3);  // ids 1, 2, 3
  latencies.record(0, {.latency = 10ms}, at(1s));
  latencies.record(1, {.latency = 30ms}, at(2s));
  latencies.rebuild(named({9, 2, 1, 3}));  // 3 was never heard of: it has the mean like 9
  CHECK(latencies.projected(0, 5, at(2s)) == 20'000'000);
  CHECK(latencies.projected(1, 0, at(2s)) == 30'000'000);
  CHECK(latencies.projected(2, 0, at(1s)) == 10'000'000);
  CHECK(latencies.projected(3, 5, at(2s)) == 20'000'000);
  // The mean is as old as the latest of its samples, so that it fades with the others'.
  CHECK(latencies.projected(0, 0, at(2s + kHalfLife)) == Approx(10e6).epsilon(1e-6));
  latencies.rebuild(named({2}));
  CHECK(latencies.projected(0, 0, at(2s)) == 30'000'000);
  latencies.rebuild({});
  latencies.rebuild(named({2}));  // forgotten with the list
  CHECK(latencies.projected(0, 0, at(2s)) == 0);
}

}  // namespace
}  // namespace headgate::balance
