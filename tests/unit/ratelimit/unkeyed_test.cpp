#include "headgate/ratelimit/unkeyed.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/ratelimit/token_bucket.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

constexpr int kThreads = 4;

TokenBucket unkeyed_bucket(const Rate& rate, std::int64_t burst) {
  return TokenBucket::make({.rate = rate, .burst = {burst}}).value();
}

/// Runs `work(thread)` on all threads and waits for them.
template <class Work>
void on_threads(const Work& work) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) threads.emplace_back([&work, t] { work(t); });
}

TEST_CASE("unkeyed: whoever asks, it is one bucket, decision by decision") {
  const TokenBucket policy = unkeyed_bucket(make_rate(7, 1s), 5);
  const Sharing sharing = GENERATE(Sharing::kMulti, Sharing::kSingle);
  Unkeyed<TokenBucket> limiter{policy, sharing};
  TokenBucket::State oracle{};
  Random random{5};
  TimePoint now{};
  for (int i = 0; i < 50'000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(400'000'000))};
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(6))};  // 6 can never pass
    const Decision expected = policy.peek(oracle, now, cost);
    REQUIRE(limiter.peek(random.bits(), now, cost).admitted == expected.admitted);
    const Decision decision = limiter.admit(random.bits(), now, cost);
    static_cast<void>(policy.admit(oracle, now, cost));
    REQUIRE(decision.admitted == expected.admitted);
    REQUIRE(decision.reason == expected.reason);
    REQUIRE(decision.remaining == expected.remaining);
    REQUIRE(decision.retry_after == expected.retry_after);
    REQUIRE(decision.reset_after == expected.reset_after);
    if (decision.admitted && random.below(5) == 0) {
      limiter.refund(0, now, cost);
      policy.refund(oracle, now, cost);
    }
    REQUIRE(limiter.counters(now).live == (policy.is_fresh(oracle, now) ? 0U : 1U));
  }
}

/// Writes into every state that it is shown, also when it refuses: what a host must not publish.
struct Scribbler {
  struct State {
    std::uint64_t calls = 0;
  };
  Decision admit(State& state, TimePoint /*now*/, Tokens cost) const noexcept {
    ++state.calls;
    return {.admitted = cost.count == 1};
  }
  Decision peek(const State& state, TimePoint now, Tokens cost) const noexcept {
    State copy = state;
    return admit(copy, now, cost);
  }
  void refund(State& state, TimePoint /*now*/, Tokens /*cost*/) const noexcept { state = {}; }
  TimePoint fresh_at(const State& state) const noexcept {
    return TimePoint{Duration{static_cast<std::int64_t>(state.calls)}};
  }
  bool is_fresh(const State& state, TimePoint now) const noexcept { return fresh_at(state) <= now; }
  Quota quota() const noexcept { return {}; }
};

TEST_CASE("unkeyed: a refusal and a peek write nothing, a refund does") {
  Unkeyed<Scribbler> limiter{Scribbler{}};
  CHECK_FALSE(limiter.admit(0, TimePoint{}, {2}).admitted);
  CHECK(limiter.peek(0, TimePoint{}, {1}).admitted);
  CHECK(limiter.counters(TimePoint{}).live == 0);
  CHECK(limiter.admit(0, TimePoint{}, {1}).admitted);
  CHECK(limiter.counters(TimePoint{}).live == 1);
  CHECK(limiter.counters(TimePoint{1ns}).live == 0);  // one call was published, not three
  limiter.refund(0, TimePoint{}, {1});
  CHECK(limiter.counters(TimePoint{}).live == 0);
}

TEST_CASE("unkeyed: while time stands still, threads are admitted the burst and not one more") {
  Unkeyed<TokenBucket> limiter{unkeyed_bucket(make_rate(7, 1s), 10'000)};
  std::atomic<std::int64_t> admitted = 0;
  on_threads([&](int thread) {
    const Tokens cost{1 + thread % 2};
    for (int i = 0; i < 5'000; ++i) {
      if (limiter.admit(0, TimePoint{1s}, cost).admitted) admitted += cost.count;
    }
  });
  CHECK(admitted == 10'000);  // 30'000 were asked for
}

TEST_CASE("unkeyed: while time goes on, threads together keep to burst and rate") {
  // A shared clock of 1 us a request, 20'000 requests: a window of 19'999 us.
  Unkeyed<TokenBucket> limiter{unkeyed_bucket(make_rate(100'000, 1s), 50)};
  std::atomic<std::int64_t> clock = 0;
  std::atomic<std::int64_t> admitted = 0;
  on_threads([&](int /*thread*/) {
    for (int i = 0; i < 5'000; ++i) {
      const TimePoint now{1s + clock++ * 1us};
      if (limiter.admit(0, now).admitted) ++admitted;
    }
  });
  CHECK(admitted <= 50 + 1'999);  // 1'999 tokens earned in 19'999 us
  // Whoever comes late with an early time finds what the others left; the bucket is then not idle.
  CHECK(admitted > 1'000);
}

TEST_CASE("unkeyed: what threads give back is there again, all of it") {
  Unkeyed<TokenBucket> limiter{unkeyed_bucket(make_rate(7, 1s), 3)};
  on_threads([&](int /*thread*/) {
    for (int i = 0; i < 5'000; ++i) {
      if (limiter.admit(0, TimePoint{1s}).admitted) limiter.refund(0, TimePoint{1s});
    }
  });
  CHECK(limiter.peek(0, TimePoint{1s}, {3}).admitted);
  CHECK(limiter.admit(0, TimePoint{1s}, {3}).admitted);
  CHECK_FALSE(limiter.admit(0, TimePoint{1s}).admitted);
}

}  // namespace
}  // namespace headgate::ratelimit
