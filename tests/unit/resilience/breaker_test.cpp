// Expected values are worked by hand from the rules in the header.
#include "headgate/resilience/breaker.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "steps.hpp"

namespace headgate::resilience {
namespace {

using State = Breaker::State;

constexpr Outcome kGood{.latency = 1ms, .failed = false};
constexpr Outcome kBad{.latency = 1ms, .failed = true};

Breaker make(const Breaker::Config& config) {
  auto made = Breaker::make(config);
  REQUIRE(made);
  return *std::move(made);
}

void call(Breaker& breaker, const Outcome& outcome, TimePoint now) {
  auto permit = breaker.allow(now);
  REQUIRE(permit);
  breaker.record(std::move(permit), outcome, now);
}

/// Open since `now` by five failures in a row.
Breaker tripped(Breaker::Config config, TimePoint now) {
  config.consecutive_failures = 5;
  Breaker breaker = make(config);
  for (int i = 0; i < 5; ++i) call(breaker, kBad, now);
  REQUIRE(breaker.state() == State::kOpen);
  return breaker;
}

TEST_CASE("breaker: it trips at the n-th failure in a row, not before") {
  Breaker breaker = make({.consecutive_failures = 3});
  call(breaker, kBad, at(0s));
  call(breaker, kBad, at(1h));
  CHECK(breaker.state() == State::kClosed);
  CHECK(breaker.next_timeout() == TimePoint::max());
  CHECK(breaker.retry_after(at(1h)) == 0s);
  call(breaker, kBad, at(2h));
  CHECK(breaker.state() == State::kOpen);
  CHECK(breaker.trips() == 1);
}

TEST_CASE("breaker: a success begins the count anew") {
  Breaker breaker = make({.consecutive_failures = 3});
  for (int i = 0; i < 10; ++i) {
    call(breaker, kBad, at(0s));
    call(breaker, kBad, at(0s));
    call(breaker, kGood, at(0s));
  }
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: half of the calls failed is half, and one fewer is not") {
  const Breaker::Config half{
      .consecutive_failures = 0, .error_ratio = Share{0.5}, .min_requests = 10};
  Breaker at_half = make(half);
  for (int i = 0; i < 5; ++i) call(at_half, kGood, at(0s));
  for (int i = 0; i < 4; ++i) call(at_half, kBad, at(0s));
  CHECK(at_half.state() == State::kClosed);
  call(at_half, kBad, at(0s));
  CHECK(at_half.state() == State::kOpen);
  Breaker below = make(half);
  for (int i = 0; i < 6; ++i) call(below, kGood, at(0s));
  for (int i = 0; i < 5; ++i) call(below, kBad, at(0s));  // 5 of 11
  CHECK(below.state() == State::kClosed);
  call(below, kBad, at(0s));  // 6 of 12
  CHECK(below.state() == State::kOpen);
}

TEST_CASE("breaker: a ratio of fewer than min_requests calls means nothing") {
  Breaker breaker =
      make({.consecutive_failures = 0, .error_ratio = Share{0.1}, .min_requests = 20});
  for (int i = 0; i < 19; ++i) call(breaker, kBad, at(0s));
  CHECK(breaker.state() == State::kClosed);
  call(breaker, kGood, at(0s));  // the twentieth call makes 19 of 20 count
  CHECK(breaker.state() == State::kOpen);
}

TEST_CASE("breaker: failures leave the window after its length, and not before nine tenths of it") {
  const Breaker::Config config{
      .consecutive_failures = 0, .error_ratio = Share{0.5}, .window = 10s, .min_requests = 4};
  for (const auto& [later, state] :
       std::vector<std::pair<Duration, State>>{{0s, State::kOpen},
                                               {9s, State::kOpen},
                                               {10s - 1ns, State::kOpen},
                                               {10s, State::kClosed},
                                               {19s, State::kClosed},
                                               {876'000h, State::kClosed}}) {
    CAPTURE(later.count());
    Breaker breaker = make(config);
    for (int i = 0; i < 3; ++i) call(breaker, kBad, at(100s));
    call(breaker, kGood, at(100s) + later);
    CHECK(breaker.state() == state);
  }
}

TEST_CASE("breaker: what leaves the window by parts leaves every count of it") {
  const Breaker::Config config{.consecutive_failures = 0,
                               .error_ratio = Share{0.5},
                               .slow_ratio = Share{0.5},
                               .slow = 1s,
                               .window = 10s,
                               .min_requests = 7};
  constexpr Outcome kSlow{.latency = 2s, .failed = false};
  const auto state_after = [&](const Outcome& first, int firsts, const Outcome& then, int thens,
                               const Outcome& last, int lasts) {
    Breaker breaker = make(config);
    for (int i = 0; i < firsts; ++i) call(breaker, first, at(100s));
    for (int i = 0; i < thens; ++i) call(breaker, then, at(105s));
    REQUIRE(breaker.state() == State::kClosed);
    for (int i = 0; i < lasts; ++i) call(breaker, last, at(110s));
    return breaker.state();
  };
  CHECK(state_after(kGood, 10, kBad, 4, kBad, 3) == State::kOpen);     // 7 of 7, not of 17
  CHECK(state_after(kBad, 3, kGood, 4, kBad, 3) == State::kClosed);    // 3 of 7, not 6
  CHECK(state_after(kSlow, 3, kGood, 4, kSlow, 3) == State::kClosed);  // the same
  CHECK(state_after(kGood, 10, kSlow, 4, kSlow, 3) == State::kOpen);
}

TEST_CASE("breaker: time that jumps back still counts every call") {
  Breaker breaker = make({.consecutive_failures = 0, .error_ratio = Share{0.5}, .min_requests = 4});
  call(breaker, kBad, at(100s));
  call(breaker, kBad, at(50s));
  call(breaker, kBad, at(0s));
  CHECK(breaker.state() == State::kClosed);
  call(breaker, kBad, at(99s));
  CHECK(breaker.state() == State::kOpen);
}

TEST_CASE("breaker: slow calls trip it by their share, and a call of just the time is not slow") {
  const Breaker::Config config{
      .consecutive_failures = 0, .slow_ratio = Share{1.0}, .slow = 100ms, .min_requests = 3};
  Breaker breaker = make(config);
  for (int i = 0; i < 10; ++i) call(breaker, {.latency = 100ms, .failed = false}, at(0s));
  CHECK(breaker.state() == State::kClosed);
  Breaker slower = make(config);
  for (int i = 0; i < 3; ++i) call(slower, {.latency = 100ms + 1ns, .failed = false}, at(0s));
  CHECK(slower.state() == State::kOpen);
}

TEST_CASE("breaker: without a slow ratio slow calls are as good as others, in every state") {
  Breaker breaker = tripped({.slow = 1ms, .open_for = 1s}, at(0s));
  call(breaker, {.latency = 1h, .failed = false}, at(1s));
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: open, it refuses for open_for and says for how long") {
  Breaker breaker = tripped({.open_for = 10s}, at(5s));
  CHECK(breaker.next_timeout() == at(15s));
  CHECK(breaker.retry_after(at(5s)) == 10s);
  CHECK(breaker.retry_after(at(12s)) == 3s);
  CHECK_FALSE(breaker.allow(at(5s)));
  CHECK_FALSE(breaker.allow(at(15s) - 1ns));
  CHECK(breaker.refusals() == 2);
  CHECK(breaker.allow(at(15s)));
  CHECK(breaker.state() == State::kHalfOpen);
}

TEST_CASE("breaker: a timer half-opens it at the same instant as a call would") {
  Breaker breaker = tripped({.open_for = 10s}, at(5s));
  breaker.on_timeout(at(15s) - 1ns);
  CHECK(breaker.state() == State::kOpen);
  breaker.on_timeout(breaker.next_timeout());
  CHECK(breaker.state() == State::kHalfOpen);
  CHECK(breaker.retry_after(at(15s)) == 0s);
  CHECK(breaker.next_timeout() == TimePoint::max());
}

TEST_CASE("breaker: half-open, at most half_open probes are out, however many ask") {
  Breaker breaker = tripped({.open_for = 1s, .half_open = 3}, at(0s));
  std::vector<Breaker::Permit> probes;
  for (int i = 0; i < 100; ++i) {
    if (auto permit = breaker.allow(at(1s))) probes.push_back(std::move(permit));
  }
  CHECK(probes.size() == 3);
  CHECK(breaker.refusals() == 97);
  // The first success is one of the three that close it: with two more out, nobody else is needed.
  breaker.record(std::move(probes[0]), kGood, at(1s));
  CHECK_FALSE(breaker.allow(at(1s)));
  breaker.record(std::move(probes[1]), kGood, at(1s));
  CHECK(breaker.state() == State::kHalfOpen);
  breaker.record(std::move(probes[2]), kGood, at(1s));
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: a probe that fails opens it again for the whole time") {
  Breaker breaker = tripped({.open_for = 1s, .half_open = 2}, at(0s));
  auto first = breaker.allow(at(1s));
  auto second = breaker.allow(at(1s));
  breaker.record(std::move(first), kGood, at(2s));
  breaker.record(std::move(second), kBad, at(3s));
  CHECK(breaker.state() == State::kOpen);
  CHECK(breaker.trips() == 2);
  CHECK(breaker.next_timeout() == at(4s));
  // The success of before does not count for the next time.
  call(breaker, kGood, at(4s));
  CHECK(breaker.state() == State::kHalfOpen);
  call(breaker, kGood, at(4s));
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: a slow probe is a failed one where slowness counts") {
  Breaker breaker = tripped({.slow_ratio = Share{0.5}, .slow = 1s, .open_for = 1s}, at(0s));
  call(breaker, {.latency = 2s, .failed = false}, at(1s));
  CHECK(breaker.state() == State::kOpen);
}

TEST_CASE("breaker: the place of a probe that never comes back is free after probe_timeout") {
  // resilience4j issue 935: a permit that is not settled keeps the breaker half-open for ever.
  Breaker breaker = tripped({.open_for = 1s, .half_open = 1, .probe_timeout = 5s}, at(0s));
  {
    auto lost = breaker.allow(at(1s));
    REQUIRE(lost);
  }
  CHECK_FALSE(breaker.allow(at(6s) - 1ns));
  CHECK(breaker.next_timeout() == at(6s));
  CHECK(breaker.retry_after(at(4s)) == 2s);
  auto next = breaker.allow(at(6s));
  REQUIRE(next);
  breaker.record(std::move(next), kGood, at(6s));
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: a probe that comes back after its time decides nothing") {
  Breaker breaker = tripped({.open_for = 1s, .half_open = 1, .probe_timeout = 5s}, at(0s));
  auto late = breaker.allow(at(1s));
  SECTION("when its place has been given to another") {
    auto other = breaker.allow(at(6s));
    REQUIRE(other);
    breaker.record(std::move(late), kBad, at(7s));
    CHECK(breaker.state() == State::kHalfOpen);
    CHECK_FALSE(breaker.allow(at(7s)));  // the other still has the place
    breaker.record(std::move(other), kGood, at(7s));
    CHECK(breaker.state() == State::kClosed);
  }
  SECTION("when nobody has asked since") {
    breaker.record(std::move(late), kGood, at(6s));
    CHECK(breaker.state() == State::kHalfOpen);
  }
}

TEST_CASE("breaker: of several probes the earliest to expire is the next timeout") {
  Breaker breaker = tripped({.open_for = 1s, .half_open = 2, .probe_timeout = 5s}, at(0s));
  const auto first = breaker.allow(at(1s));
  const auto second = breaker.allow(at(3s));
  REQUIRE(first);
  REQUIRE(second);
  CHECK(breaker.next_timeout() == at(6s));
  breaker.on_timeout(at(6s));
  CHECK(breaker.next_timeout() == at(8s));
  CHECK(breaker.allow(at(6s)));
  CHECK_FALSE(breaker.allow(at(6s)));
}

TEST_CASE("breaker: a probe given up frees its place and says nothing") {
  Breaker breaker = tripped({.open_for = 1s, .half_open = 1}, at(0s));
  breaker.abandon(breaker.allow(at(1s)));
  CHECK(breaker.state() == State::kHalfOpen);
  auto again = breaker.allow(at(1s));
  REQUIRE(again);
  auto moved = std::move(again);
  CHECK_FALSE(again);  // NOLINT(bugprone-use-after-move): that it is empty is what is asked
  breaker.abandon(std::move(again));
  CHECK_FALSE(breaker.allow(at(1s)));
  breaker.record(std::move(moved), kGood, at(1s));
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: answers to calls from before the trip do not touch a half-open breaker") {
  Breaker breaker = make({.consecutive_failures = 1, .open_for = 1s});
  auto early_good = breaker.allow(at(0s));
  auto early_bad = breaker.allow(at(0s));
  auto early_given_up = breaker.allow(at(0s));
  call(breaker, kBad, at(0s));
  auto probe = breaker.allow(at(1s));
  REQUIRE(probe);
  breaker.record(std::move(early_good), kGood, at(1s));
  CHECK(breaker.state() == State::kHalfOpen);
  breaker.record(std::move(early_bad), kBad, at(1s));
  CHECK(breaker.state() == State::kHalfOpen);
  breaker.abandon(std::move(early_given_up));
  CHECK_FALSE(breaker.allow(at(1s)));
  breaker.record(std::move(probe), kGood, at(1s));
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: what led to the last trip is forgotten when it closes") {
  Breaker breaker = make(
      {.consecutive_failures = 3, .error_ratio = Share{0.5}, .min_requests = 3, .open_for = 1s});
  for (int i = 0; i < 3; ++i) call(breaker, kBad, at(0s));
  call(breaker, kGood, at(1s));
  REQUIRE(breaker.state() == State::kClosed);
  call(breaker, kBad, at(1s));
  call(breaker, kBad, at(1s));
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: an empty permit says nothing") {
  Breaker breaker = make({.consecutive_failures = 1});
  breaker.record({}, kBad, at(0s));
  breaker.abandon({});
  CHECK(breaker.state() == State::kClosed);
}

TEST_CASE("breaker: options out of their range are refused by name") {
  using Config = Breaker::Config;
  const auto field = [](const Config& config) { return refused_field(Breaker::make(config)); };
  CHECK(field({}) == "made");
  CHECK(field({.consecutive_failures = 0}) == "consecutive_failures");
  CHECK(field({.consecutive_failures = 0, .slow_ratio = Share{1}}) == "made");
  CHECK(field({.error_ratio = Share{0}}) == "error_ratio");
  CHECK(field({.error_ratio = Share{1.01}}) == "error_ratio");
  CHECK(field({.slow_ratio = Share{0}}) == "slow_ratio");
  CHECK(field({.slow = 0s}) == "slow");
  CHECK(field({.window = 1ms - 1ns}) == "window");
  CHECK(field({.window = 1ms}) == "made");
  CHECK(field({.window = 1h}) == "made");
  CHECK(field({.window = 1h + 1ns}) == "window");
  CHECK(field({.min_requests = 0}) == "min_requests");
  CHECK(field({.min_requests = 1}) == "made");
  CHECK(field({.open_for = 0s}) == "open_for");
  CHECK(field({.open_for = 24h}) == "made");
  CHECK(field({.open_for = 24h + 1ns}) == "open_for");
  CHECK(field({.half_open = 0}) == "half_open");
  CHECK(field({.half_open = 1000}) == "made");
  CHECK(field({.half_open = 1001}) == "half_open");
  CHECK(field({.probe_timeout = 0s}) == "probe_timeout");
  CHECK(to_text(State::kClosed) == "closed");
  CHECK(to_text(State::kOpen) == "open");
  CHECK(to_text(State::kHalfOpen) == "half_open");
}

}  // namespace
}  // namespace headgate::resilience
