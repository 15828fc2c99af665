// Nothing is allocated after construction: this program's operator new counts.
#include <catch2/catch.hpp>
#include <cstdint>
#include <utility>

#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/adaptive_lifo.hpp"
#include "headgate/resilience/breaker.hpp"
#include "headgate/resilience/bulkhead.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/resilience/outlier.hpp"
#include "headgate/resilience/retry.hpp"
#include "steps.hpp"
#include "support/allocations.hpp"

namespace headgate::resilience {
namespace {

using headgate::test::allocations;

TEST_CASE("resilience: no rule allocates once it is made, in any of its states") {
  Breaker breaker =
      Breaker::make({.error_ratio = Share{0.5}, .open_for = 1ms, .half_open = 100}).value();
  Outlier outlier = Outlier::make({.interval = 5ms, .base_time = 3ms}, 100).value();
  FaultSet all;
  REQUIRE(all.add("reset"));
  RetryPolicy retry = RetryPolicy::make({.attempts = 3, .on = all}).value();
  Hedge hedge = Hedge::make({.min_samples = 1, .window = 1s}).value();
  Bulkhead bulkhead = Bulkhead::make({.limit = 1, .queue = 10}).value();
  AdaptiveLifo line = AdaptiveLifo::make({.capacity = 100}).value();
  Codel codel = Codel::make({}).value();
  ClientThrottle throttle = ClientThrottle::make({}).value();
  const auto aimd = AdaptiveConcurrency::make(Aimd::Config{}).value();
  const auto vegas = AdaptiveConcurrency::make(Vegas::Config{}).value();
  const auto gradient = AdaptiveConcurrency::make(Gradient::Config{}).value();
  Random random{1};
  const std::uint64_t before = allocations();
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const TimePoint now = at(static_cast<std::int64_t>(i) * 100us);
    const bool failed = random.below(3) != 0;
    breaker.record(breaker.allow(now), {.latency = 1ms, .failed = failed}, now);
    outlier.record(i % 100, failed, now);
    outlier.on_timeout(now);
    RetryState state;
    retry.on_call(now);
    static_cast<void>(
        retry.on_fault({.kind = Fault::Kind::kReset}, failed, state, {}, now, random));
    auto call = hedge.start(now);
    static_cast<void>(hedge.on_timeout(call, now + 10ms));
    hedge.done(1ms, now);
    if (bulkhead.enter(i, now) == Bulkhead::Entry::kFull) {
      while (bulkhead.leave()) {
      }
    }
    static_cast<void>(bulkhead.on_timeout(now));
    if (failed) static_cast<void>(line.push(i, now));
    if (!failed) static_cast<void>(line.pop(now));
    static_cast<void>(line.on_timeout(now));
    static_cast<void>(codel.dequeue(50ms, false, now));
    if (throttle.allow(now, random) && !failed) throttle.accepted(now);
    for (const auto& limit : {aimd.get(), vegas.get(), gradient.get()}) {
      limit->done(limit->enter(), 1ms, failed, random);
    }
  }
  CHECK(allocations() == before);
  CHECK(breaker.trips() > 10);
  CHECK(outlier.ejections() > 10);
  CHECK(retry.over_budget() > 10);
  CHECK(hedge.hedges() > 10);
  CHECK(codel.shed() > 10);
  CHECK(throttle.refusals() > 10);
}

}  // namespace
}  // namespace headgate::resilience
