#include "headgate/ratelimit/token_bucket.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "bucket.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

TEST_CASE("token bucket: a full bucket admits its burst at one instant and then refuses") {
  Bucket limiter = bucket(10, 3);
  for (const int left : {2, 1, 0}) {
    const Decision passed = limiter.admit(at(0s));
    CHECK(passed.admitted);
    CHECK(passed.reason == Reason::kAdmitted);
    CHECK(passed.remaining == Tokens{left});
    CHECK(passed.retry_after == 0s);
    CHECK(passed.reset_after == 100ms * (3 - left));
  }
  const Decision refused = limiter.admit(at(0s));
  CHECK_FALSE(refused.admitted);
  CHECK(refused.reason == Reason::kOverLimit);
  CHECK(refused.remaining == Tokens{0});
  CHECK(refused.retry_after == 100ms);  // by hand: 1 token at 10 per second
  CHECK(refused.reset_after == 300ms);
}

TEST_CASE("token bucket: retry_after is exact to the nanosecond") {
  // 7 per second does not divide a second: the wait for one token is 142'857'142.86 ns, rounded up.
  Bucket limiter = bucket(7, 1);
  REQUIRE(limiter.admit(at(0s)).admitted);
  const Duration wait = limiter.admit(at(0s)).retry_after;
  CHECK(wait == 142'857'143ns);
  Bucket early = limiter;
  CHECK_FALSE(early.admit(at(wait - 1ns)).admitted);
  CHECK(limiter.admit(at(wait)).admitted);
}

TEST_CASE("token bucket: the long-run rate is exact, without drift") {
  Bucket limiter = bucket(7, 2);
  REQUIRE(limiter.admit(at(0s)).admitted);
  TimePoint now = at(0s);
  for (int i = 0; i < 7'000; ++i) {
    REQUIRE(limiter.admit(now).admitted);
    now += limiter.admit(now).retry_after;
  }
  CHECK(now == at(1000s));  // 7000 waits of 1/7 s; the part of a nanosecond each overpays is kept
}

TEST_CASE("token bucket: time that stands still or runs backwards earns nothing") {
  Bucket limiter = bucket(1, 1);
  REQUIRE(limiter.admit(at(10s)).admitted);
  CHECK(limiter.admit(at(4s)).retry_after == 7s);  // 6 s back to the latest time, 1 s to earn
  CHECK(limiter.admit(at(4s)).remaining == Tokens{0});
  CHECK_FALSE(limiter.admit(at(10s)).admitted);
  CHECK(limiter.admit(at(11s)).admitted);
  CHECK(bucket(1, 1).admit(at(-5s)).admitted);  // before time zero is time zero
  Bucket largest = bucket(1'000'000'000, 1'000'000'000);
  REQUIRE(largest.admit(at(24h * 36'525), 1'000'000'000).admitted);
  CHECK(largest.admit(at(0s)).retry_after == 24h * 36'525 + 1ns);  // a century back
}

TEST_CASE("token bucket: times beyond those that can be told apart are the nearest of these") {
  for (const auto& [nearest, beyond] : {std::pair{kTimeMin, kTimeMin - 1h},
                                        {kTimeMin, TimePoint::min()},
                                        {kTimeMax, kTimeMax + 1h},
                                        {kTimeMax, TimePoint::max()}}) {
    Bucket limiter = bucket(1, 2);
    REQUIRE(limiter.admit(nearest, 2).admitted);
    const Decision refused = limiter.admit(beyond);
    CHECK_FALSE(refused.admitted);
    CHECK(refused.retry_after == 1s);
    CHECK(refused.reset_after == 2s);
  }
}

TEST_CASE("token bucket: a wait of a century refills the largest bucket and no more") {
  constexpr std::int64_t kAll = 1'000'000'000;
  Bucket limiter = bucket(1'000'000'000, kAll);
  REQUIRE(limiter.admit(at(0s), kAll).admitted);
  CHECK(limiter.admit(at(24h * 36'525), kAll).admitted);
  CHECK(limiter.admit(at(24h * 36'525)).retry_after == 1ns);
}

TEST_CASE("token bucket: a cost above the burst can never pass, and spends nothing") {
  Bucket limiter = bucket(5, 2);
  const Decision refused = limiter.admit(at(0s), 3);
  CHECK_FALSE(refused.admitted);
  CHECK(refused.reason == Reason::kNever);
  CHECK(refused.retry_after == kNever);
  CHECK(refused.remaining == Tokens{2});
  CHECK(refused.reset_after == 0s);
  CHECK(limiter.admit(at(0s), 2).admitted);
  CHECK(limiter.admit(at(0s), 3).reset_after == 400ms);  // two tokens at 5 per second
}

TEST_CASE("token bucket: a refusal writes nothing") {
  Bucket limiter = bucket(7, 3);
  REQUIRE(limiter.admit(at(1s), 3).admitted);
  const TokenBucket::State before = limiter.state;
  CHECK_FALSE(limiter.admit(at(1s)).admitted);
  CHECK_FALSE(limiter.admit(at(1s + 1ns), 2).admitted);
  CHECK(limiter.state.tat == before.tat);
}

TEST_CASE("token bucket: a state is fresh exactly from the time that reset_after names") {
  for (const std::int64_t rate : {1LL, 3LL, 7LL, 999'999'999LL}) {
    Bucket limiter = bucket(rate, 5);
    const Decision passed = limiter.admit(at(1s), 2);
    CHECK(limiter.policy.fresh_at(limiter.state) == at(1s) + passed.reset_after);
    CHECK(limiter.policy.is_fresh(limiter.state, at(1s) + passed.reset_after));
    CHECK_FALSE(limiter.policy.is_fresh(limiter.state, at(1s) + passed.reset_after - 1ns));
    CHECK(limiter.policy.is_fresh({}, at(-1000s)));
  }
}

TEST_CASE("token bucket: a config out of range is refused and the field is named") {
  const auto where = [](std::int64_t count, Duration per, std::int64_t burst) {
    const auto made = TokenBucket::make({.rate = {.count = count, .per = per}, .burst = {burst}});
    return made ? "" : made.error().where;
  };
  CHECK(where(0, 1s, 1) == "rate");
  CHECK(where(-1, 1s, 1) == "rate");
  CHECK(where(1, 0s, 1) == "rate");
  CHECK(where(1'000'000'001, 1s, 1) == "rate");
  CHECK(where(1, 24h * 365 * 40, 1) == "rate");  // one in forty years
  CHECK(where(1, 1s, 0) == "burst");
  CHECK(where(1, 1s, 1'000'000'001) == "burst");
  CHECK(where(1'000'000'000, 1s, 1'000'000'000).empty());
  CHECK(where(999'999'999, 1s, 1'000'000'000).empty());
  // 2^60 ns / 86'400'000'000'000 ns = 13'343.99: so many days are 36 years.
  CHECK(where(1, 24h, 13'343).empty());
  CHECK(where(1, 24h, 13'344) == "burst");
  const auto made = TokenBucket::make({.rate = {.count = 1, .per = 24h}, .burst = {13'344}});
  CHECK(made.error().why == "must be 1 to 13343 tokens at 1/day");
}

TEST_CASE("token bucket: rates that are equal in lowest terms decide alike") {
  CHECK(bucket({.count = 5000, .per = 60s}, 10).admit(at(0s)).reset_after == 12ms);
  CHECK(bucket({.count = 1'000'000, .per = 24h}, 1'000'000).admit(at(0s)).reset_after == 86'400us);
}

TEST_CASE("token bucket: the quota it announces is its rate over the seconds it takes to fill") {
  const auto quota = [](const Rate& rate, std::int64_t burst) {
    const Quota found = bucket(rate, burst).policy.quota();
    return std::pair{found.quota.count, found.window};
  };
  CHECK(quota({100, 1s}, 20) == std::pair{std::int64_t{100}, 1s});
  CHECK(quota({5, 60s}, 10) == std::pair{std::int64_t{10}, std::chrono::seconds{120}});
  CHECK(quota({1, 2s}, 1) == std::pair{std::int64_t{1}, 2s});
  CHECK(quota({2, 3s}, 1) == std::pair{std::int64_t{1}, 2s});  // 1.5 s to fill; 1.33 in 2 s
}

TEST_CASE("token bucket: a full bucket admits its burst one by one at any instant and any rate") {
  const auto count = GENERATE(std::int64_t{1}, 3, 7, 333, 999'983, 999'999'937);
  CAPTURE(count);
  Random random{static_cast<std::uint64_t>(count)};
  for (int round = 0; round < 200; ++round) {
    Bucket limiter = bucket(count, 5);
    const TimePoint now =
        at(Duration{static_cast<std::int64_t>(random.below(3'000'000'000'000'000'000))});
    for (const int left : {4, 3, 2, 1, 0}) {
      const Decision passed = limiter.admit(now);
      REQUIRE(passed.admitted);
      REQUIRE(passed.remaining == Tokens{left});
    }
    REQUIRE_FALSE(limiter.admit(now).admitted);
  }
}

TEST_CASE("token bucket: a flood is admitted at the rate, to a millionth and better") {
  const auto [count, per] = GENERATE(table<std::int64_t, Duration>(
      {{7, 1s}, {999'983, 1s}, {1'000'000, 1s}, {333'333, 1s}, {86'399, 24h}}));
  CAPTURE(count, per.count());
  // Two, so that it is never full: a full bucket earns nothing.
  Bucket limiter = bucket(make_rate(count, per), 2);
  const TimePoint start = at(1s + 1ns);  // at an odd time its debt begins a part of a unit early
  REQUIRE(limiter.admit(start, 2).admitted);
  TimePoint now = start;
  constexpr int kTokens = 100'000;
  for (int i = 0; i < kTokens; ++i) {
    now += limiter.admit(now).retry_after;
    REQUIRE(limiter.admit(now).admitted);
  }
  const Int128 exact = (static_cast<Int128>(kTokens) * per.count() + count - 1) / count;
  CHECK((now - start).count() >= static_cast<std::int64_t>(exact) - 1);
  CHECK((now - start).count() <= static_cast<std::int64_t>(exact));
}

TEST_CASE("token bucket: peek says what admit would, and spends nothing") {
  Bucket limiter = bucket(7, 3);
  Random random{9};
  TimePoint now = at(0s);
  for (int i = 0; i < 2'000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(300'000'000))};
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(4))};
    const TokenBucket::State before = limiter.state;
    const Decision seen = limiter.policy.peek(limiter.state, now, cost);
    REQUIRE(limiter.state.tat == before.tat);
    const Decision told = limiter.admit(now, cost.count);
    REQUIRE(seen.admitted == told.admitted);
    REQUIRE(seen.remaining == told.remaining);
    REQUIRE(seen.retry_after == told.retry_after);
    REQUIRE(seen.reset_after == told.reset_after);
  }
}

TEST_CASE("token bucket: what remains can be spent at once, and not one token more") {
  for (const std::int64_t rate : {1LL, 7LL, 300LL, 999'983LL}) {
    Bucket limiter = bucket(rate, 50);
    Random random{static_cast<std::uint64_t>(rate)};
    TimePoint now = at(0s);
    for (int i = 0; i < 500; ++i) {
      now += Duration{static_cast<std::int64_t>(
          random.below(static_cast<std::uint64_t>(20'000'000'000 / rate)))};
      const std::int64_t left = limiter.policy.peek(limiter.state, now, {51}).remaining.count;
      REQUIRE_FALSE(limiter.policy.peek(limiter.state, now, {left + 1}).admitted);
      if (left > 0) {
        REQUIRE(limiter.policy.peek(limiter.state, now, {left}).admitted);
        REQUIRE(limiter
                    .admit(now, 1 + static_cast<std::int64_t>(
                                        random.below(static_cast<std::uint64_t>(left))))
                    .admitted);
      }
    }
  }
}

TEST_CASE("token bucket: a refund restores what was spent, and never more than a full bucket") {
  Bucket limiter = bucket(10, 5);
  REQUIRE(limiter.admit(at(1s), 4).admitted);
  limiter.policy.refund(limiter.state, at(1s), {3});
  CHECK(limiter.policy.peek(limiter.state, at(1s), {1}).remaining == Tokens{3});  // 5 - 4 + 3 - 1
  CHECK(limiter.policy.peek(limiter.state, at(1s), {1}).reset_after == 200ms);
  limiter.policy.refund(limiter.state, at(1s), {1});
  CHECK(limiter.policy.is_fresh(limiter.state, at(1s)));
  limiter.policy.refund(limiter.state, at(1s), {5});  // once too often
  CHECK(limiter.admit(at(1s), 5).admitted);
  CHECK(limiter.admit(at(1s)).retry_after == 100ms);
  limiter.policy.refund(limiter.state, at(60s), {5});  // long earned back
  CHECK(limiter.admit(at(60s), 5).admitted);
  CHECK_FALSE(limiter.admit(at(60s)).admitted);
  // Time that goes back after it finds no more than the bucket had.
  limiter.state = {};
  REQUIRE(limiter.admit(at(10s), 5).admitted);
  limiter.policy.refund(limiter.state, at(10s + 400ms), {5});  // 4 of them were earned back
  CHECK(limiter.policy.is_fresh(limiter.state, at(10s + 400ms)));
  CHECK(limiter.policy.peek(limiter.state, at(10s + 200ms), {6}).remaining == Tokens{3});
  CHECK(limiter.policy.fresh_at(limiter.state) == at(10s + 400ms));
  // At a rate that rounds, too.
  Bucket odd = bucket(7, 5);
  for (std::int64_t ns = 1; ns < 2'000; ns += 7) {
    const TimePoint now = at(Duration{ns * 1'000'003});
    odd.state = {};
    REQUIRE(odd.admit(now, 3).admitted);
    odd.policy.refund(odd.state, now, {3});
    REQUIRE(odd.policy.is_fresh(odd.state, now));
  }
}

TEST_CASE("token bucket: no window holds more than burst + rate * length, and greed reaches it") {
  const auto [count, burst] = GENERATE(table<std::int64_t, std::int64_t>(
      {{7, 1}, {7, 9}, {100, 20}, {333, 5}, {3, 10}, {999'983, 3}, {999'999'937, 2}}));
  CAPTURE(count, burst);
  Bucket limiter = bucket(count, burst);
  Random random{static_cast<std::uint64_t>(count)};
  std::vector<TimePoint> admitted;
  TimePoint now = at(0s);
  for (int i = 0; i < 1'500; ++i) {
    const Decision decision = limiter.admit(now);
    if (decision.admitted) admitted.push_back(now);
    // Ask as soon as it may pay; or idle, so that the next debt begins at an odd time.
    now += random.below(40) == 0 ? 2s + Duration{static_cast<std::int64_t>(random.below(1'000))}
                                 : decision.retry_after;
  }
  // A window of t nanoseconds is t instants. At a rate that needs no rounding, its end may count
  // too.
  const Duration beyond{make_rate(count, 1s).count <= 4 ? 0 : 1};
  bool reached = false;
  for (std::size_t first = 0; first < admitted.size(); ++first) {
    for (std::size_t last = first; last < admitted.size(); ++last) {
      const Int128 spent = static_cast<Int128>(last - first + 1) * 1'000'000'000;
      const Int128 allowed =
          static_cast<Int128>(burst) * 1'000'000'000 +
          static_cast<Int128>(count) * (admitted[last] - admitted[first] + beyond).count();
      if (spent > allowed) FAIL("more than the bound between " << first << " and " << last);
      reached = reached || (last > first && allowed - spent < 2 * count);  // within 2 ns' earning
    }
  }
  CHECK(reached);
}

TEST_CASE("token bucket: refuses of Poisson arrivals what the queue M/D/1/B refuses") {
  // A bucket of B tokens is a queue of B places served once in 1/rate: exact shares of M/D/1/B,
  // computed from its Markov chain embedded at departures. Tolerance 2 % or 0.0005.
  const auto [burst, load, share] =
      GENERATE(table<std::int64_t, double, double>({{1, 0.5, .333333},
                                                    {1, 1.0, .500000},
                                                    {2, 0.8, .199570},
                                                    {5, 1.0, .103449},
                                                    {5, 1.25, .223976},
                                                    {10, 0.9, .016632},
                                                    {10, 1.5, .333397},
                                                    {20, 1.1, .092904},
                                                    {50, 2.0, .500000}}));
  CAPTURE(burst, load);
  Bucket limiter = bucket(1000, burst);
  Random random{17};
  const double mean_gap_ns = 1e6 / load;
  double now_ns = 0;
  constexpr int kArrivals = 400'000;
  int refused = 0;
  for (int i = 0; i < kArrivals; ++i) {
    now_ns += -std::log1p(-random.uniform()) * mean_gap_ns;
    const TimePoint now = at(Duration{static_cast<std::int64_t>(now_ns)});
    refused += limiter.admit(now).admitted ? 0 : 1;
  }
  CHECK(refused / static_cast<double>(kArrivals) ==
        Approx(share).margin(std::max(0.02 * share, 0.0005)));
}

}  // namespace
}  // namespace headgate::ratelimit
