#include "headgate/ratelimit/sliding_log.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <cmath>
#include <deque>

#include "traces.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using test::at;

struct Log {
  SlidingLog policy;
  std::vector<TimePoint> log = std::vector<TimePoint>(policy.log_size());
  SlidingLog::State state{};

  Decision admit(TimePoint now, std::int64_t cost = 1) {
    return policy.admit(state, log, now, {.count = cost});
  }
};

Log sliding(std::int64_t limit, Duration window) {
  return {SlidingLog::make({.limit = {limit}, .window = window}).value()};
}

TEST_CASE("sliding log: a token counts for exactly one window") {
  Log limiter = sliding(2, 1s);
  CHECK(limiter.admit(at(0s)).remaining == Tokens{1});
  CHECK(limiter.admit(at(400ms)).reset_after == 1s);
  const Decision refused = limiter.admit(at(400ms));
  CHECK_FALSE(refused.admitted);
  CHECK(refused.reason == Reason::kOverLimit);
  CHECK(refused.retry_after == 600ms);  // the first expires at 1 s
  CHECK(refused.reset_after == 1s);     // the second at 1.4 s
  CHECK_FALSE(limiter.admit(at(1s - 1ns)).admitted);
  CHECK(limiter.admit(at(1s)).admitted);
  CHECK(limiter.admit(at(1s)).retry_after == 400ms);
  CHECK(limiter.admit(at(1s), 2).retry_after == 1s);  // needs both places
  const Decision never = limiter.admit(at(9s), 3);
  CHECK(never.reason == Reason::kNever);
  CHECK(never.retry_after == kNever);
  CHECK(never.remaining == Tokens{2});
  CHECK(never.reset_after == 0s);
}

/// The definition: every token's time in a list, until its window is over.
class LogOracle {
 public:
  LogOracle(std::int64_t limit, Duration window) : limit_(limit), window_(window) {}
  std::int64_t live(TimePoint now) const {
    now = std::max(now, latest_);
    return std::ranges::count_if(times_, [&](TimePoint time) { return time + window_ > now; });
  }
  bool admit(TimePoint now, std::int64_t cost) {
    if (live(now) + cost > limit_) return false;
    latest_ = std::max(now, latest_);
    while (!times_.empty() && times_.front() + window_ <= latest_) times_.pop_front();  // for ever
    times_.insert(times_.end(), static_cast<std::size_t>(cost), latest_);
    return true;
  }
  /// By trying: the first instant at which so few are left that `cost` fits.
  Duration wait(TimePoint now, std::int64_t cost) const {
    if (live(now) + cost <= limit_) return 0ns;
    for (const TimePoint time : times_) {
      if (live(time + window_) + cost <= limit_) return time + window_ - now;
    }
    return kNever;
  }
  void forget(std::int64_t count) {
    for (; count > 0 && !times_.empty(); --count) times_.pop_back();
  }

 private:
  std::int64_t limit_;
  Duration window_;
  TimePoint latest_{};
  std::deque<TimePoint> times_;
};

TEST_CASE("sliding log: decides as a list of all tokens does, whatever the times") {
  const auto [limit, window] = GENERATE(
      table<std::int64_t, Duration>({{1, 1ms}, {2, 1s}, {7, 1s}, {40, 60s}, {5, 24h * 365}}));
  CAPTURE(limit, window.count());
  Log limiter = sliding(limit, window);
  LogOracle oracle{limit, window};
  Random random{static_cast<std::uint64_t>(limit)};
  TimePoint now = at(0s);
  Duration wait{};
  std::vector<test::Spent> spent;
  for (int i = 0; i < 3'000; ++i) {
    const bool back = random.below(25) == 0;  // the clock runs back for one request
    now += test::gap(random, window, wait);
    if (now > kTimeMax - 2 * window) break;
    const TimePoint seen = back ? now - std::min(now.time_since_epoch(), window / 3) : now;
    const std::int64_t cost =
        random.below(3) == 0
            ? 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(limit) + 1))
            : 1;
    const Decision peeked = limiter.policy.peek(limiter.state, limiter.log, seen, {cost});
    const Duration exact = cost > limit ? kNever : oracle.wait(seen, cost);
    const Decision decision = limiter.admit(seen, cost);
    REQUIRE(peeked.admitted == decision.admitted);
    REQUIRE(peeked.remaining == decision.remaining);
    REQUIRE(peeked.reset_after == decision.reset_after);
    REQUIRE(decision.admitted == (cost <= limit && oracle.admit(seen, cost)));
    REQUIRE(decision.remaining.count == limit - oracle.live(seen));
    REQUIRE(decision.retry_after == (decision.admitted ? 0ns : exact));
    REQUIRE(limiter.policy.is_fresh(limiter.state, limiter.log, seen + decision.reset_after));
    if (decision.reset_after > 0ns) {
      REQUIRE_FALSE(
          limiter.policy.is_fresh(limiter.state, limiter.log, seen + decision.reset_after - 1ns));
    }
    if (decision.admitted && !back) spent.push_back({now, cost});
    wait = decision.retry_after;
    if (random.below(12) == 0 && oracle.live(now) >= 1) {
      limiter.policy.refund(limiter.state, limiter.log, now, {1});
      oracle.forget(1);
      if (!spent.empty()) spent.clear();  // the bound speaks of what stays spent
    }
  }
  CHECK(test::most_within(spent, window - 1ns) <= limit);
}

TEST_CASE("sliding log: refuses of Poisson arrivals what Erlang's loss system does") {
  // Erlang B of `limit` servers under load * limit: simulation of a server held for one window.
  const auto [limit, load, share] = GENERATE(table<std::int64_t, double, double>(
      {{10, 0.8, .121661}, {10, 1.0, .214582}, {10, 1.2, .301925}, {100, 1.0, .075700}}));
  CAPTURE(limit, load);
  Log limiter = sliding(limit, 1s);
  Random random{31};
  const double mean_gap_ns = 1e9 / (load * static_cast<double>(limit));
  double now_ns = 0;
  constexpr int kArrivals = 1'000'000;
  int refused = 0;
  for (int i = 0; i < kArrivals; ++i) {
    now_ns += -std::log1p(-random.uniform()) * mean_gap_ns;
    refused += limiter.admit(at(Duration{static_cast<std::int64_t>(now_ns)})).admitted ? 0 : 1;
  }
  CHECK(refused / static_cast<double>(kArrivals) ==
        Approx(share).margin(std::max(0.02 * share, 0.0005)));
}

TEST_CASE("sliding log: a century ahead all is forgotten, and a refund of nothing gives nothing") {
  Log limiter = sliding(3, 1s);
  REQUIRE(limiter.admit(at(0s), 3).admitted);
  limiter.policy.refund(limiter.state, limiter.log, at(24h * 36'525), {3});
  CHECK(limiter.admit(at(24h * 36'525), 3).admitted);
  CHECK_FALSE(limiter.admit(at(24h * 36'525)).admitted);
  limiter.policy.refund(limiter.state, limiter.log, at(24h * 36'525), {9});
  CHECK(limiter.state.size == 0);
  CHECK(limiter.admit(at(24h * 36'525), 3).admitted);
}

TEST_CASE("sliding log: a refund of what has long left the log gives nothing") {
  Log limiter = sliding(5, 1s);
  REQUIRE(limiter.admit(at(0s), 3).admitted);
  REQUIRE(limiter.admit(at(2s)).admitted);  // the three are gone
  limiter.policy.refund(limiter.state, limiter.log, at(4s), {3});
  CHECK(limiter.admit(at(4s), 5).admitted);
  CHECK_FALSE(limiter.admit(at(4s)).admitted);
}

TEST_CASE("sliding log: a config out of range is refused and the field is named") {
  const auto where = [](std::int64_t limit, Duration window) {
    const auto made = SlidingLog::make({.limit = {limit}, .window = window});
    return made ? "" : made.error().where;
  };
  CHECK(where(0, 1s) == "limit");
  CHECK(where(1'000'001, 1s) == "limit");
  CHECK(where(1'000'000, 1s).empty());
  CHECK(where(1, 1ms - 1ns) == "window");
  CHECK(where(1, 1ms).empty());
  CHECK(where(1, Duration{1LL << 60}).empty());
  CHECK(where(1, Duration{(1LL << 60) + 1}) == "window");
  CHECK(sliding(30, 2s).policy.quota().quota == Tokens{30});
  CHECK(sliding(30, 2s).policy.quota().window == 2s);
}

}  // namespace
}  // namespace headgate::ratelimit
