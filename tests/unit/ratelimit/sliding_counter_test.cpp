#include "headgate/ratelimit/sliding_counter.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <map>

#include "headgate/core/wide.hpp"
#include "traces.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using test::at;

struct Counter {
  SlidingCounter policy;
  SlidingCounter::State state{};

  Decision admit(TimePoint now, std::int64_t cost = 1) {
    return policy.admit(state, now, {.count = cost});
  }
};

Counter counter(std::int64_t limit, Duration window) {
  return {SlidingCounter::make({.limit = {limit}, .window = window}).value()};
}

TEST_CASE("sliding counter: the last window's count fades as the window goes on") {
  Counter limiter = counter(10, 1s);
  REQUIRE(limiter.admit(at(900ms), 8).admitted);
  CHECK(limiter.admit(at(900ms)).remaining == Tokens{1});  // 9 of 10 in this window
  // At 1.5 s half of the nine still count: 4.5, so five more fit and not six.
  CHECK(limiter.policy.peek(limiter.state, at(1500ms), {5}).admitted);
  const Decision refused = limiter.policy.peek(limiter.state, at(1500ms), {6});
  CHECK_FALSE(refused.admitted);
  CHECK(refused.remaining == Tokens{5});
  // 9 * (1 - e) <= 4 from e = 5/9 s on: 555'555'555.6 ns.
  CHECK(refused.retry_after == 55'555'556ns);
  CHECK(refused.reset_after == 500ms);
  // At 2 s nothing of it is left.
  CHECK(limiter.policy.peek(limiter.state, at(2s), {10}).admitted);
  CHECK(limiter.policy.is_fresh(limiter.state, at(2s)));
  CHECK_FALSE(limiter.policy.is_fresh(limiter.state, at(2s - 1ns)));
}

TEST_CASE("sliding counter: what was spent in this window has to fade in the next") {
  Counter limiter = counter(10, 1s);
  REQUIRE(limiter.admit(at(250ms), 10).admitted);
  const Decision refused = limiter.admit(at(250ms));
  CHECK(refused.retry_after == 850ms);  // 750 ms to the next window, and a tenth of it
  CHECK(refused.reset_after == 1750ms);
  CHECK(limiter.admit(at(250ms), 10).retry_after == 1750ms);
  CHECK_FALSE(limiter.admit(at(1100ms - 1ns)).admitted);
  CHECK(limiter.admit(at(1100ms)).admitted);
  CHECK(limiter.admit(at(1100ms), 11).reason == Reason::kNever);
  CHECK(limiter.admit(at(1100ms), 11).retry_after == kNever);
}

TEST_CASE("sliding counter: the adversary of its bound gets 2 * limit - 1, and nobody more") {
  Counter limiter = counter(100, 1s);
  std::vector<test::Spent> spent;
  REQUIRE(limiter.admit(at(1s - 1ns), 100).admitted);
  spent.push_back({at(1s - 1ns), 100});
  TimePoint now = at(1s);
  while (now < at(2s)) {
    const Decision decision = limiter.admit(now);
    if (decision.admitted) spent.push_back({now, 1});
    now += decision.admitted ? 1ns : decision.retry_after;
  }
  CHECK(test::most_within(spent, 1s - 1ns) == 199);
}

/// The definition, with the counts of all windows kept and exact integers.
class CounterOracle {
 public:
  CounterOracle(std::int64_t limit, Duration window) : limit_(limit), window_(window.count()) {}
  bool fits(std::int64_t ns, std::int64_t cost) {
    const std::int64_t number = ns / window_;
    const Int128 faded = static_cast<Int128>(counts_[number - 1]) * (window_ - ns % window_);
    return faded + static_cast<Int128>(counts_[number] + cost) * window_ <=
           static_cast<Int128>(limit_) * window_;
  }
  void spend(std::int64_t ns, std::int64_t cost) { counts_[ns / window_] += cost; }

 private:
  std::int64_t limit_;
  std::int64_t window_;
  std::map<std::int64_t, std::int64_t> counts_;
};

TEST_CASE("sliding counter: decides as the counts of all windows do, and its wait is exact") {
  const auto [limit, window] = GENERATE(table<std::int64_t, Duration>(
      {{1, 1ms}, {2, 1s}, {7, 1s}, {100, 60s}, {4'294'967'295, 24h * 365}}));
  CAPTURE(limit, window.count());
  Counter limiter = counter(limit, window);
  CounterOracle oracle{limit, window};
  Random random{static_cast<std::uint64_t>(limit)};
  TimePoint now = at(0s);
  Duration wait{};
  std::vector<test::Spent> spent;
  for (int i = 0; i < 4'000; ++i) {
    now += test::gap(random, window, wait);
    if (now > kTimeMax) break;
    const std::int64_t ns = now.time_since_epoch().count();
    const std::int64_t cost =
        random.below(2) == 0
            ? 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(limit)))
            : 1;
    const bool fits = oracle.fits(ns, cost);
    const Decision peeked = limiter.policy.peek(limiter.state, now, {cost});
    const Decision decision = limiter.admit(now, cost);
    REQUIRE(decision.admitted == fits);
    REQUIRE(peeked.admitted == fits);
    REQUIRE(peeked.retry_after == decision.retry_after);
    if (fits) {
      oracle.spend(ns, cost);
      spent.push_back({now, cost});
    } else if (now + decision.retry_after <= kTimeMax) {
      const std::int64_t then = ns + decision.retry_after.count();
      REQUIRE(oracle.fits(then, cost));
      REQUIRE_FALSE(oracle.fits(then - 1, cost));
    }
    const std::int64_t left = decision.remaining.count;
    REQUIRE((left == 0 || oracle.fits(ns, left)));
    REQUIRE_FALSE(oracle.fits(ns, left + 1));
    wait = decision.retry_after;
  }
  CHECK(test::most_within(spent, window - 1ns) <= 2 * limit - 1);
}

TEST_CASE("sliding counter: time that runs back counts as the start of the window spent in") {
  Counter limiter = counter(4, 1s);
  REQUIRE(limiter.admit(at(5500ms), 4).admitted);
  const Decision refused = limiter.admit(at(3s));
  CHECK_FALSE(refused.admitted);
  CHECK(refused.retry_after == 3250ms);  // at 6.25 s a quarter of the four has faded
  CHECK(refused.reset_after == 4s);
  CHECK(limiter.admit(at(6250ms)).admitted);
  // Who is admitted then is told of the same wait: the window after this one ends at 7 s.
  Counter other = counter(4, 1s);
  REQUIRE(other.admit(at(5500ms)).admitted);
  CHECK(other.admit(at(3s)).reset_after == 4s);
}

TEST_CASE("sliding counter: a refund gives back to the window that is still current") {
  Counter limiter = counter(4, 1s);
  REQUIRE(limiter.admit(at(100ms), 3).admitted);
  limiter.policy.refund(limiter.state, at(200ms), {2});
  CHECK(limiter.policy.peek(limiter.state, at(200ms), {3}).remaining == Tokens{0});
  limiter.policy.refund(limiter.state, at(200ms), {5});
  CHECK(limiter.policy.is_fresh(limiter.state, at(200ms)));
  REQUIRE(limiter.admit(at(900ms), 4).admitted);
  limiter.policy.refund(limiter.state, at(1s), {4});  // the window is over: it fades instead
  CHECK_FALSE(limiter.admit(at(1s)).admitted);
  CHECK(limiter.admit(at(1250ms)).admitted);
  limiter.policy.refund(limiter.state, at(1300ms), {1});
  CHECK_FALSE(limiter.policy.is_fresh(limiter.state, at(1300ms)));  // the window before counts
  // One who has got back all is as good as never seen, also should time go back.
  limiter.state = {};
  REQUIRE(limiter.admit(at(5500ms)).admitted);
  limiter.policy.refund(limiter.state, at(5500ms), {1});
  CHECK(limiter.admit(at(3200ms)).reset_after == 1800ms);
}

TEST_CASE("sliding counter: refuses of Poisson arrivals what was simulated of it elsewhere") {
  const auto [limit, load, share] = GENERATE(table<std::int64_t, double, double>(
      {{10, 0.8, .1237}, {10, 1.0, .2207}, {100, 1.0, .0655}, {100, 1.2, .1899}}));
  CAPTURE(limit, load);
  Counter limiter = counter(limit, 1s);
  Random random{37};
  const double mean_gap_ns = 1e9 / (load * static_cast<double>(limit));
  double now_ns = 0;
  constexpr int kArrivals = 1'000'000;
  int refused = 0;
  for (int i = 0; i < kArrivals; ++i) {
    now_ns += -std::log1p(-random.uniform()) * mean_gap_ns;
    refused += limiter.admit(at(Duration{static_cast<std::int64_t>(now_ns)})).admitted ? 0 : 1;
  }
  CHECK(refused / static_cast<double>(kArrivals) == Approx(share).margin(0.03 * share));
}

TEST_CASE("sliding counter: a config out of range is refused and the field is named") {
  const auto where = [](std::int64_t limit, Duration window) {
    const auto made = SlidingCounter::make({.limit = {limit}, .window = window});
    return made ? "" : made.error().where;
  };
  CHECK(where(0, 1s) == "limit");
  CHECK(where(4'294'967'296, 1s) == "limit");
  CHECK(where(4'294'967'295, 1s).empty());
  CHECK(where(1, 1ms - 1ns) == "window");
  CHECK(where(1, 1ms).empty());
  CHECK(where(1, Duration{1LL << 60}).empty());
  CHECK(where(1, Duration{(1LL << 60) + 1}) == "window");
}

}  // namespace
}  // namespace headgate::ratelimit
