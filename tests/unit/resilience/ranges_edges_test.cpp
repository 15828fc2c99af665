// The ranges of every option at their documented ends: the last value that is taken and the first
// that is not.
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/adaptive_lifo.hpp"
#include "headgate/resilience/aimd.hpp"
#include "headgate/resilience/bulkhead.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/resilience/gradient.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/resilience/vegas.hpp"

namespace headgate::resilience {
namespace {

using namespace std::chrono_literals;

/// The field that is refused, or "" if none is.
template <class T>
std::string refused(const Result<T>& made) {
  if (made) return "";
  CHECK(made.error().code == Errc::kInvalidConfig);
  return made.error().where;
}

TEST_CASE("limit range: initial lies between min and max, and max is at most a million") {
  const auto range = [](LimitRange of) { return refused(check_range(of)); };
  CHECK(range({.initial = 1, .min = 1, .max = 1}) == "");
  CHECK(range({.initial = 1'000'000, .min = 1, .max = 1'000'000}) == "");
  CHECK(range({.initial = 5, .min = 0, .max = 9}) == "min");
  CHECK(range({.initial = 5, .min = 5, .max = 4}) == "max");
  CHECK(range({.initial = 5, .min = 5, .max = 1'000'001}) == "max");
  CHECK(range({.initial = 4, .min = 5, .max = 9}) == "initial");
  CHECK(range({.initial = 5, .min = 5, .max = 9}) == "");
  CHECK(range({.initial = 9, .min = 5, .max = 9}) == "");
  CHECK(range({.initial = 10, .min = 5, .max = 9}) == "initial");
}

TEST_CASE("aimd: its options end where they are said to") {
  const auto backoff = [](double of_one) { return refused(Aimd::make({.backoff = {of_one}})); };
  CHECK(backoff(0.4999) == "backoff");
  CHECK(backoff(0.5) == "");
  CHECK(backoff(0.9999) == "");
  CHECK(backoff(1) == "backoff");
  CHECK(refused(Aimd::make({.timeout = 0ns})) == "timeout");
  CHECK(refused(Aimd::make({.timeout = 1ns})) == "");
}

TEST_CASE("aimd: a call as long as the timeout is in time, and half of the limit is not idle") {
  const auto after = [](Duration rtt, std::uint32_t in_flight) {
    Aimd aimd = Aimd::make({.range = {.initial = 20, .min = 1, .max = 200}, .timeout = 1s}).value();
    return aimd.update({.rtt = rtt, .in_flight = in_flight});
  };
  CHECK(after(1s, 20) == 21);
  CHECK(after(1s + 1ns, 20) == 18);  // 90 %
  CHECK(after(1ms, 10) == 21);
  CHECK(after(1ms, 9) == 20);
}

TEST_CASE("fixed concurrency: 1 to a million") {
  const auto limit = [](std::uint32_t count) {
    return refused(AdaptiveConcurrency::make(FixedLimit{.limit = count}));
  };
  CHECK(limit(0) == "limit");
  CHECK(limit(1) == "");
  CHECK(limit(1'000'000) == "");
  CHECK(limit(1'000'001) == "limit");
}

TEST_CASE("vegas: the probe is 1 to a million") {
  const auto probe = [](std::uint32_t count) { return refused(Vegas::make({.probe = count})); };
  CHECK(probe(0) == "probe");
  CHECK(probe(1) == "");
  CHECK(probe(1'000'000) == "");
  CHECK(probe(1'000'001) == "probe");
}

TEST_CASE("gradient: its options end where they are said to") {
  const auto smoothing = [](double share) {
    return refused(Gradient::make({.smoothing = {share}}));
  };
  CHECK(smoothing(0.0009) == "smoothing");
  CHECK(smoothing(0.001) == "");
  CHECK(smoothing(1) == "");
  CHECK(smoothing(1.001) == "smoothing");
  const auto tolerance = [](double times) { return refused(Gradient::make({.tolerance = times})); };
  CHECK(tolerance(0.99) == "tolerance");
  CHECK(tolerance(1) == "");
  CHECK(tolerance(10) == "");
  CHECK(tolerance(10.01) == "tolerance");
  CHECK(refused(Gradient::make({.queue = 1000})) == "");
  CHECK(refused(Gradient::make({.queue = 1001})) == "queue");
  const auto window = [](std::uint32_t calls) {
    return refused(Gradient::make({.long_window = calls}));
  };
  CHECK(window(10) == "long_window");
  CHECK(window(11) == "");
  CHECK(window(1'000'000) == "");
  CHECK(window(1'000'001) == "long_window");
}

TEST_CASE("hedge: its options end where they are said to") {
  const auto percentile = [](double share) {
    return refused(Hedge::make({.percentile = {share}}));
  };
  CHECK(percentile(0) == "percentile");
  CHECK(percentile(1e-9) == "");
  CHECK(percentile(0.9999) == "");
  CHECK(percentile(1) == "percentile");
  const auto window = [](Duration length) { return refused(Hedge::make({.window = length})); };
  CHECK(window(1s - 1ns) == "window");
  CHECK(window(1s) == "");
  CHECK(window(1h) == "");
  CHECK(window(1h + 1ns) == "window");
  CHECK(refused(Hedge::make({.delay = 0ns})) == "delay");
  CHECK(refused(Hedge::make({.delay = 1ns})) == "");
}

TEST_CASE("client throttle: its options end where they are said to") {
  const auto k = [](double times) { return refused(ClientThrottle::make({.k = times})); };
  CHECK(k(1.0009) == "k");
  CHECK(k(1.001) == "");
  CHECK(k(100) == "");
  CHECK(k(100.01) == "k");
  const auto window = [](Duration length) {
    return refused(ClientThrottle::make({.window = length}));
  };
  CHECK(window(1s - 1ns) == "window");
  CHECK(window(1s) == "");
  CHECK(window(1h) == "");
  CHECK(window(1h + 1ns) == "window");
}

TEST_CASE("client throttle: a draw just at the share that is refused passes") {
  // Nobody accepted 10 requests: of the next, 10 in 11 are refused, in thousandths 10000 of 11000.
  std::uint64_t seed = 0;
  while (Random{seed}.below(11'000) != 10'000) ++seed;
  ClientThrottle throttle = ClientThrottle::make({.min_requests = 10}).value();
  Random none{1};
  for (int i = 0; i < 10; ++i) REQUIRE(throttle.allow(TimePoint{}, none));
  REQUIRE(throttle.chance(TimePoint{}).refused == 10'000);
  REQUIRE(throttle.chance(TimePoint{}).of == 11'000);
  Random random{seed};
  CHECK(throttle.allow(TimePoint{}, random));
}

TEST_CASE("adaptive lifo: its options end where they are said to") {
  const auto capacity = [](std::uint32_t count) {
    return refused(AdaptiveLifo::make({.capacity = count}));
  };
  CHECK(capacity(0) == "capacity");
  CHECK(capacity(1) == "");
  CHECK(capacity(1'000'000) == "");
  CHECK(capacity(1'000'001) == "capacity");
  CHECK(refused(AdaptiveLifo::make({.target = 0ns})) == "target");
  CHECK(refused(AdaptiveLifo::make({.target = 1ns, .interval = 1ns})) == "");
  CHECK(refused(AdaptiveLifo::make({.target = 2ns, .interval = 1ns})) == "interval");
  CHECK(refused(AdaptiveLifo::make({.interval = 1h})) == "");
  CHECK(refused(AdaptiveLifo::make({.interval = 1h + 1ns})) == "interval");
}

TEST_CASE("adaptive lifo: an empty line is no overload, however long it has been empty") {
  const AdaptiveLifo line = AdaptiveLifo::make({}).value();
  CHECK_FALSE(line.is_overloaded(TimePoint{1h}));
}

TEST_CASE("bulkhead: its options end where they are said to") {
  const auto limit = [](std::uint32_t count) { return refused(Bulkhead::make({.limit = count})); };
  CHECK(limit(0) == "limit");
  CHECK(limit(1) == "");
  CHECK(limit(1'000'000) == "");
  CHECK(limit(1'000'001) == "limit");
  CHECK(refused(Bulkhead::make({.queue = 1'000'000})) == "");
  CHECK(refused(Bulkhead::make({.queue = 1'000'001})) == "queue");
  const auto wait = [](Duration length) { return refused(Bulkhead::make({.max_wait = length})); };
  CHECK(wait(0ns) == "max_wait");
  CHECK(wait(1ns) == "");
  CHECK(wait(1h) == "");
  CHECK(wait(1h + 1ns) == "max_wait");
}

TEST_CASE("codel: its options end where they are said to") {
  CHECK(refused(Codel::make({.target = 0ns})) == "target");
  CHECK(refused(Codel::make({.target = 1ns, .interval = 1ns})) == "");
  CHECK(refused(Codel::make({.target = 2ns, .interval = 1ns})) == "interval");
  CHECK(refused(Codel::make({.interval = 1h})) == "");
  CHECK(refused(Codel::make({.interval = 1h + 1ns})) == "interval");
}

}  // namespace
}  // namespace headgate::resilience
