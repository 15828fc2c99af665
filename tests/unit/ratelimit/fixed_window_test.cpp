#include "headgate/ratelimit/fixed_window.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <vector>

#include "headgate/core/random.hpp"
#include "support/time.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

/// A policy with the state of one caller.
struct Window {
  FixedWindow policy;
  FixedWindow::State state{};

  Decision admit(TimePoint now, std::int64_t cost = 1) {
    return policy.admit(state, now, {.count = cost});
  }
};

Window window(std::int64_t limit, Duration length) {
  return {FixedWindow::make({.limit = {limit}, .window = length}).value()};
}

TEST_CASE("fixed window: admits its limit, refuses until the window ends, then starts anew") {
  Window limiter = window(3, 1s);
  for (const int left : {2, 1, 0}) {
    const Decision passed = limiter.admit(at(200ms));
    CHECK(passed.admitted);
    CHECK(passed.remaining == Tokens{left});
    CHECK(passed.retry_after == 0s);
    CHECK(passed.reset_after == 800ms);
  }
  const Decision refused = limiter.admit(at(999'999'999ns));
  CHECK_FALSE(refused.admitted);
  CHECK(refused.reason == Reason::kOverLimit);
  CHECK(refused.remaining == Tokens{0});
  CHECK(refused.retry_after == 1ns);
  CHECK(limiter.admit(at(1s)).remaining == Tokens{2});
}

TEST_CASE("fixed window: windows start at whole multiples on the timeline") {
  CHECK(window(1, 60s).admit(at(61s)).reset_after == 59s);
  CHECK(window(1, 60s).admit(at(60s)).reset_after == 60s);
  CHECK(window(1, 60s).admit(at(-1ns)).reset_after == 60s);  // before time zero is time zero
  CHECK(window(1, 24h * 365).admit(at(24h * 36'500 + 1ns)).reset_after == 24h * 365 - 1ns);
}

TEST_CASE("fixed window: a cost is spent whole or not at all") {
  Window limiter = window(5, 1s);
  REQUIRE(limiter.admit(at(0s), 3).admitted);
  CHECK_FALSE(limiter.admit(at(0s), 3).admitted);
  CHECK(limiter.admit(at(0s), 3).remaining == Tokens{2});
  CHECK(limiter.admit(at(0s), 2).admitted);
  const Decision never = limiter.admit(at(0s), 6);
  CHECK(never.reason == Reason::kNever);
  CHECK(never.retry_after == kNever);
  CHECK(never.reset_after == 1s);
  CHECK(limiter.admit(at(5s), 6).reset_after == 0s);  // nothing is spent in that window
}

TEST_CASE("fixed window: time that runs backwards is counted in the last window spent in") {
  Window limiter = window(2, 1s);
  REQUIRE(limiter.admit(at(10s)).admitted);
  CHECK(limiter.admit(at(8500ms)).remaining == Tokens{0});
  CHECK(limiter.admit(at(8500ms)).retry_after == 2500ms);  // the window of 10 s ends at 11 s
  CHECK(limiter.admit(at(11s)).admitted);
}

TEST_CASE("fixed window: both sides of a boundary together admit twice the limit and no more") {
  // The bound that the algorithm states: an interval of the window's length touches two windows.
  Window limiter = window(100, 1s);
  std::vector<TimePoint> admitted;
  for (Duration now = 0s; now < 10s; now += 1ms) {
    const bool near_boundary = now % 2s >= 1999ms || now % 2s < 1ms;
    for (int i = 0; i < (near_boundary ? 150 : 0); ++i) {
      if (limiter.admit(at(now)).admitted) admitted.push_back(at(now));
    }
  }
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < admitted.size(); ++last) {
    while (admitted[last] - admitted[first] >= 1s) ++first;
    most = std::max(most, last - first + 1);
  }
  CHECK(most == 200);
}

TEST_CASE("fixed window: decides as a count per window number does, on any trace") {
  const auto [limit, length] = GENERATE(table<std::int64_t, Duration>(
      {{1, 1ms}, {1, 7ms}, {5, 1s}, {100, 60s}, {1'000'000'000'000'000, 24h * 365}}));
  CAPTURE(limit, length.count());
  Window limiter = window(limit, length);
  std::map<std::int64_t, std::int64_t> spent;  // by window number
  Random random{5};
  TimePoint now = at(0s);
  for (int i = 0; i < 5'000; ++i) {
    now += Duration{static_cast<std::int64_t>(
        random.below(static_cast<std::uint64_t>(length.count()) / 3 + 2))};
    if (now > kTimeMax) break;
    const std::int64_t cost =
        1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(limit)));
    const auto number = static_cast<std::int64_t>(
        std::floor(static_cast<long double>(now.time_since_epoch().count()) /
                   static_cast<long double>(length.count())));
    const bool allowed = spent[number] + cost <= limit;
    if (allowed) spent[number] += cost;
    const Decision decision = limiter.admit(now, cost);
    REQUIRE(decision.admitted == allowed);
    REQUIRE(decision.remaining == Tokens{limit - spent[number]});
    const Duration to_end = at((number + 1) * length) - now;
    REQUIRE(decision.retry_after == (allowed ? 0ns : to_end));
    REQUIRE(decision.reset_after == (spent[number] > 0 ? to_end : 0ns));
  }
}

TEST_CASE("fixed window: refuses of Poisson arrivals the excess of a Poisson number") {
  // The refused share is E[(N - L)+] / (lambda W) with N Poisson of mean lambda W.
  const auto [limit, load, share] =
      GENERATE(table<std::int64_t, double, double>({{10, 0.8, .053233},
                                                    {10, 1.0, .125110},
                                                    {10, 1.2, .213632},
                                                    {100, 1.0, .039861},
                                                    {100, 1.2, .167693}}));
  CAPTURE(limit, load);
  Window limiter = window(limit, 1s);
  Random random{23};
  const double mean_gap_ns = 1e9 / (load * static_cast<double>(limit));
  double now_ns = 0;
  constexpr int kArrivals = 2'000'000;
  int refused = 0;
  for (int i = 0; i < kArrivals; ++i) {
    now_ns += -std::log1p(-random.uniform()) * mean_gap_ns;
    refused += limiter.admit(at(Duration{static_cast<std::int64_t>(now_ns)})).admitted ? 0 : 1;
  }
  CHECK(refused / static_cast<double>(kArrivals) ==
        Approx(share).margin(std::max(0.02 * share, 0.0005)));
}

TEST_CASE("fixed window: a config out of range is refused and the field is named") {
  const auto where = [](std::int64_t limit, Duration length) {
    const auto made = FixedWindow::make({.limit = {limit}, .window = length});
    return made ? "" : made.error().where;
  };
  CHECK(where(0, 1s) == "limit");
  CHECK(where(1'000'000'000'000'001, 1s) == "limit");
  CHECK(where(1, 0s) == "window");
  CHECK(where(1, 1ms - 1ns) == "window");
  CHECK(where(1, 1ms).empty());
  CHECK(where(1, -1s) == "window");
  CHECK(where(1, Duration{1'152'921'504'606'846'976}).empty());  // 2^60 ns
  CHECK(where(1, Duration{1'152'921'504'606'846'977}) == "window");
  CHECK(where(1'000'000'000'000'000, 24h * 365).empty());
}

TEST_CASE("fixed window: the quota it announces is a whole number of seconds") {
  const auto quota = [](std::int64_t limit, Duration length) {
    const Quota found = window(limit, length).policy.quota();
    return std::pair{found.quota.count, found.window};
  };
  CHECK(quota(100, 1s) == std::pair{std::int64_t{100}, 1s});
  CHECK(quota(1000, 24h) == std::pair{std::int64_t{1000}, std::chrono::seconds{86'400}});
  CHECK(quota(10, 100ms) == std::pair{std::int64_t{100}, 1s});
  CHECK(quota(3, 1500ms) == std::pair{std::int64_t{4}, 2s});
}

TEST_CASE("fixed window: a window of the calendar starts where the wall clock says") {
  // The run began at 12:34:56 UTC: the minute ends 4 s later, the hour 1504 s later.
  const Duration epoch = 24h * 20'000 + 12h + 34min + 56s;
  const auto end = [&](Duration length) {
    FixedWindow::State state{};
    const auto policy = FixedWindow::make({.limit = {1}, .window = length, .epoch = epoch}).value();
    return policy.admit(state, at(0s)).reset_after;
  };
  CHECK(end(60s) == 4s);
  CHECK(end(1h) == 1504s);
  CHECK(end(24h) == 24h - 12h - 34min - 56s);
}

TEST_CASE("fixed window: from the first hit, a caller's window begins with its own request") {
  Window limiter{FixedWindow::make(
                     {.limit = {2}, .window = 1s, .start = WindowStart::kFirstHit, .epoch = 200ms})
                     .value()};
  CHECK(limiter.admit(at(700ms)).reset_after == 1s);
  CHECK(limiter.admit(at(1600ms)).admitted);
  CHECK(limiter.admit(at(1600ms)).retry_after == 100ms);
  CHECK_FALSE(limiter.admit(at(1700ms - 1ns)).admitted);
  CHECK(limiter.admit(at(1700ms)).reset_after == 1s);
}

TEST_CASE("fixed window: a refund gives back to the window it was spent in, and to no other") {
  Window limiter = window(3, 1s);
  REQUIRE(limiter.admit(at(100ms), 3).admitted);
  limiter.policy.refund(limiter.state, at(200ms), {2});
  CHECK(limiter.admit(at(200ms), 2).remaining == Tokens{0});
  limiter.policy.refund(limiter.state, at(300ms), {9});
  CHECK(limiter.policy.is_fresh(limiter.state, at(300ms)));
  REQUIRE(limiter.admit(at(900ms), 3).admitted);
  limiter.policy.refund(limiter.state, at(1s), {3});  // that window is over
  CHECK_FALSE(limiter.admit(at(1s - 1ns)).admitted);  // and was spent, should time go back
  CHECK(limiter.admit(at(1s), 3).admitted);
  CHECK_FALSE(limiter.admit(at(1s)).admitted);
  limiter.policy.refund(limiter.state, at(1s), {1});
  CHECK(limiter.policy.peek(limiter.state, at(1s)).admitted);
  CHECK(limiter.policy.peek(limiter.state, at(1s)).remaining == Tokens{0});
}

}  // namespace
}  // namespace headgate::ratelimit
