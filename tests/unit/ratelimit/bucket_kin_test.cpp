// The limiters that are token buckets within: strict_window, leaky_bucket, leaky_queue; and
// concurrency, which knows no time.
#include <catch2/catch.hpp>
#include <chrono>
#include <utility>

#include "headgate/ratelimit/concurrency.hpp"
#include "headgate/ratelimit/leaky_bucket.hpp"
#include "headgate/ratelimit/leaky_queue.hpp"
#include "headgate/ratelimit/strict_window.hpp"
#include "traces.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using test::at;

// --- strict_window

TEST_CASE("strict window: no interval of its length ever holds more than the limit") {
  const auto [limit, window, burst] = GENERATE(table<std::int64_t, Duration, std::int64_t>(
      {{2, 1s, 1}, {10, 1s, 1}, {100, 1s, 10}, {100, 1s, 50}, {100, 1s, 99}, {7, 60s, 3}}));
  CAPTURE(limit, window.count(), burst);
  const auto policy =
      StrictWindow::make({.limit = {limit}, .window = window, .burst = Tokens{burst}}).value();
  Random random{static_cast<std::uint64_t>(limit)};
  for (const bool greedy : {true, false}) {
    StrictWindow::State state{};
    std::vector<test::Spent> spent;
    TimePoint now = at(0s);
    Duration wait{};
    for (int i = 0; i < 5'000; ++i) {
      now += greedy ? wait : test::gap(random, window, wait);
      const Decision decision = policy.admit(state, now);
      if (decision.admitted) spent.push_back({now, 1});
      wait = decision.retry_after;
    }
    const std::int64_t most = test::most_within(spent, window);
    CHECK(most <= limit);
    if (greedy) CHECK(most >= limit - 1);  // a wait is rounded up to a whole nanosecond
  }
}

TEST_CASE("strict window: its burst passes at once, the rest is earned") {
  const auto policy =
      StrictWindow::make({.limit = {100}, .window = 1s, .burst = {}}).value();  // burst 10
  StrictWindow::State state{};
  CHECK(policy.admit(state, at(0s), {10}).remaining == Tokens{0});
  CHECK(policy.admit(state, at(0s)).retry_after == 11'111'112ns);  // 90 in a second
  CHECK(policy.peek(state, at(0s), {11}).reason == Reason::kNever);
  CHECK(policy.quota().quota == Tokens{100});
  CHECK(policy.quota().window == 1s);
  policy.refund(state, at(0s), {10});
  CHECK(policy.is_fresh(state, at(0s)));
  CHECK(policy.fresh_at(state) == at(0s));
  const auto small = StrictWindow::make({.limit = {5}, .window = 1s, .burst = {}}).value();
  StrictWindow::State one{};
  CHECK(small.admit(one, at(0s)).remaining == Tokens{0});  // a tenth of 5 is less than 1
}

TEST_CASE("strict window: a config out of range is refused and the field is named") {
  const auto where = [](std::int64_t limit, Duration window, std::optional<Tokens> burst) {
    const auto made = StrictWindow::make({.limit = {limit}, .window = window, .burst = burst});
    return made ? "" : made.error().where;
  };
  CHECK(where(1, 1s, {}) == "limit");
  CHECK(where(2, 1s, {}).empty());
  CHECK(where(1'000'000'001, 10s, {}) == "limit");
  CHECK(where(1'000'000'000, 10s, {}).empty());
  CHECK(where(1'000'000'000, 10ms, {}) == "limit");
  CHECK(where(10, 1ms - 1ns, {}) == "window");
  CHECK(where(10, 1ms, {}).empty());
  CHECK(where(10, 1s, Tokens{0}) == "burst");
  CHECK(where(10, 1s, Tokens{10}) == "burst");
  CHECK(where(10, 1s, Tokens{9}).empty());
  CHECK(where(10, 24h * 365 * 36, Tokens{9}) == "window");
}

// --- leaky_bucket: nginx's `limit_req zone=z rate=10r/s; burst=3 nodelay`, worked by hand

TEST_CASE("leaky bucket: one in service and its burst pass at once, then one in each interval") {
  const auto policy = LeakyBucket::make({.rate = {.count = 10, .per = 1s}, .burst = {3}}).value();
  LeakyBucket::State state{};
  for (const int left : {3, 2, 1, 0}) CHECK(policy.admit(state, at(0s)).remaining == Tokens{left});
  CHECK(policy.admit(state, at(0s)).retry_after == 100ms);
  CHECK_FALSE(policy.peek(state, at(100ms - 1ns)).admitted);
  CHECK(policy.admit(state, at(100ms)).admitted);
  CHECK_FALSE(policy.admit(state, at(199ms)).admitted);
  CHECK(policy.fresh_at(state) == at(500ms));
  CHECK(policy.is_fresh(state, at(500ms)));
  CHECK_FALSE(policy.is_fresh(state, at(500ms - 1ns)));
  policy.refund(state, at(200ms), {3});
  CHECK(policy.fresh_at(state) == at(200ms));  // 500 ms - 3 * 100 ms is now
  CHECK(policy.quota().quota == Tokens{10});
}

TEST_CASE("leaky bucket: burst 0 is one request at a time") {
  const auto policy = LeakyBucket::make({.rate = {.count = 10, .per = 1s}, .burst = {0}}).value();
  LeakyBucket::State state{};
  CHECK(policy.admit(state, at(0s)).admitted);
  CHECK(policy.admit(state, at(0s)).retry_after == 100ms);
  CHECK(policy.admit(state, at(0s), {2}).reason == Reason::kNever);
}

TEST_CASE("leaky bucket: a config out of range is refused and the field is named") {
  const auto wrong = [](std::int64_t rate, std::int64_t burst) {
    const auto made = LeakyBucket::make({.rate = {.count = rate, .per = 1s}, .burst = {burst}});
    return made ? "" : made.error().where + " " + made.error().why;
  };
  // In words of this burst, not of the bucket that holds one token more.
  CHECK(wrong(10, -1) == "burst must be 0 to 999999999");
  CHECK(wrong(10, 1'000'000'000) == "burst must be 0 to 999999999");
  CHECK(wrong(1'000'000'000, 999'999'999).empty());
  CHECK(wrong(0, 1) == "rate must be above 0 and at most 1G/s");
}

// --- leaky_queue

LeakyQueue queue(std::int64_t burst, std::int64_t delay) {
  return LeakyQueue::make({.rate = {.count = 10, .per = 1s}, .burst = {burst}, .delay = {delay}})
      .value();
}

TEST_CASE("leaky queue: what comes at once leaves one by one, and what finds it full is refused") {
  // nginx: rate=10r/s, burst=3: five at once leave at 0, 100, 200, 300 ms, the fifth gets 503.
  const LeakyQueue policy = queue(3, 0);
  LeakyQueue::State state{};
  for (const Duration delay : {0ms, 100ms, 200ms, 300ms}) {
    const Decision decision = policy.admit(state, at(0s));
    CHECK(decision.admitted);
    CHECK(decision.delay == delay);
    CHECK(decision.reason == (delay == 0ms ? Reason::kAdmitted : Reason::kDelayed));
    CHECK(decision.retry_after == 0s);
  }
  const Decision refused = policy.admit(state, at(0s));
  CHECK_FALSE(refused.admitted);
  CHECK(refused.delay == 0s);
  CHECK(refused.retry_after == 100ms);
  // At 150 ms there is a place, behind the three: it leaves at 400 ms.
  CHECK(policy.peek(state, at(150ms)).delay == 250ms);
  CHECK(policy.admit(state, at(150ms)).delay == 250ms);
  policy.refund(state, at(150ms), {1});
  CHECK(policy.admit(state, at(150ms)).delay == 250ms);
  LeakyQueue::State early{};
  CHECK(policy.admit(early, at(-5s)).delay == 0s);
  CHECK(policy.admit(early, at(-5s)).delay == 100ms);  // before time zero is time zero
}

TEST_CASE("leaky queue: in two stages, the first `delay` pass and only the others wait") {
  // nginx: rate=10r/s, burst=5 delay=3: four at once, two delayed by 100 and 200 ms, one refused.
  const LeakyQueue policy = queue(5, 3);
  LeakyQueue::State state{};
  for (const Duration delay : {0ms, 0ms, 0ms, 0ms, 100ms, 200ms}) {
    CHECK(policy.admit(state, at(1s)).delay == delay);
  }
  CHECK_FALSE(policy.admit(state, at(1s)).admitted);
  CHECK(policy.fresh_at(state) == at(1600ms));
  CHECK_FALSE(policy.is_fresh(state, at(1600ms - 1ns)));
  CHECK(policy.quota().quota == Tokens{10});
}

TEST_CASE("leaky queue: departures keep the bound of a meter with the burst `delay`") {
  const auto [burst, delay] = GENERATE(table<std::int64_t, std::int64_t>({{4, 0}, {9, 3}, {5, 5}}));
  const LeakyQueue policy = queue(burst, delay);
  LeakyQueue::State state{};
  Random random{static_cast<std::uint64_t>(burst)};
  std::vector<test::Spent> left;
  TimePoint now = at(0s);
  Duration wait{};
  int delayed = 0;
  for (int i = 0; i < 5'000; ++i) {
    now += test::gap(random, 1s, wait);
    const Decision decision = policy.admit(state, now);
    wait = decision.retry_after;
    if (!decision.admitted) continue;
    delayed += decision.delay > 0ns ? 1 : 0;
    const TimePoint leaves = now + decision.delay;
    if (!left.empty()) REQUIRE(leaves >= left.back().time);  // first come, first served
    left.push_back({leaves, 1});
  }
  CHECK(test::most_within(left, 500ms) <= delay + 1 + 5);
  CHECK(test::most_within(left, 2s) <= delay + 1 + 20);
  CHECK((delayed > 100) == (delay < burst));
}

TEST_CASE("leaky queue: a config out of range is refused and the field is named") {
  const auto wrong = [](std::int64_t rate, std::int64_t burst, std::int64_t delay) {
    const auto made =
        LeakyQueue::make({.rate = {.count = rate, .per = 1s}, .burst = {burst}, .delay = {delay}});
    return made ? "" : made.error().where + " " + made.error().why;
  };
  CHECK(wrong(0, 1, 0) == "rate must be above 0 and at most 1G/s");
  CHECK(wrong(1, -1, 0) == "burst must be 0 to 999999999");
  CHECK(wrong(1, 1'000'000'000, 0) == "burst must be 0 to 999999999");
  CHECK(wrong(1'000'000'000, 999'999'999, 0).empty());
  CHECK(wrong(1, 3, -1) == "delay must be 0 to the burst");
  CHECK(wrong(1, 3, 4) == "delay must be 0 to the burst");
  CHECK(wrong(1, 3, 3).empty());
  CHECK(wrong(1, 0, 0).empty());
}

// --- concurrency

TEST_CASE("concurrency: so many at once, whatever the time, until one is given back") {
  const auto policy = Concurrency::make({.limit = {3}}).value();
  Concurrency::State state{};
  CHECK(policy.is_fresh(state, at(0s)));
  CHECK(policy.admit(state, at(0s)).remaining == Tokens{2});
  CHECK(policy.admit(state, at(0s), {2}).remaining == Tokens{0});
  const Decision refused = policy.admit(state, at(24h * 36'525));
  CHECK_FALSE(refused.admitted);
  CHECK(refused.reason == Reason::kOverLimit);
  CHECK(refused.retry_after == kNever);
  CHECK(refused.reset_after == kNever);
  CHECK_FALSE(policy.is_fresh(state, at(24h * 36'525)));
  CHECK(policy.fresh_at(state) == TimePoint::max());
  policy.refund(state, at(0s), {1});
  CHECK(policy.peek(state, at(0s)).admitted);
  CHECK_FALSE(policy.peek(state, at(0s), {2}).admitted);
  CHECK(policy.peek(state, at(0s), {3}).reason == Reason::kOverLimit);  // once all are back
  CHECK(policy.peek(state, at(0s), {4}).reason == Reason::kNever);
  policy.refund(state, at(0s), {9});  // never more free than there are
  CHECK(policy.is_fresh(state, at(0s)));
  CHECK(policy.fresh_at(state) <= at(0s));
  CHECK(policy.peek(state, at(0s), {4}).reset_after == 0s);
  CHECK(policy.admit(state, at(0s), {3}).admitted);
  CHECK(policy.quota().concurrent);
  CHECK(policy.quota().quota == Tokens{3});
}

TEST_CASE("concurrency: a config out of range is refused and the field is named") {
  const auto where = [](std::int64_t limit) {
    const auto made = Concurrency::make({.limit = {limit}});
    return made ? "" : made.error().where;
  };
  CHECK(where(0) == "limit");
  CHECK(where(1).empty());
  CHECK(where(1'000'000'000).empty());
  CHECK(where(1'000'000'001) == "limit");
}

}  // namespace
}  // namespace headgate::ratelimit
