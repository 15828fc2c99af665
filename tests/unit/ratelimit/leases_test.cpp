// Leases against a bucket in exact integers: first steps by hand, then many holders on virtual
// time.
#include "headgate/ratelimit/leases.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "headgate/core/random.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using Step = Leases::Step;

TimePoint at(Duration since) { return TimePoint{since}; }

Leases::Options options(std::int64_t lease, std::int64_t burst, Duration lease_time = 1s,
                        std::size_t max_keys = 100) {
  return {.lease = {lease}, .burst = {burst}, .lease_time = lease_time, .max_keys = max_keys};
}

const Decision kAfter{.admitted = true,
                      .reason = Reason::kAdmitted,
                      .remaining = {0},
                      .retry_after = {},
                      .reset_after = 5s};

Decision refusal(Duration retry_after) {
  return {.admitted = false,
          .reason = Reason::kOverLimit,
          .remaining = {0},
          .retry_after = retry_after,
          .reset_after = retry_after};
}

std::vector<Leases::Return> time_out(Leases& leases, TimePoint now) {
  std::vector<Leases::Return> returns;
  leases.on_timeout(now, returns);
  return returns;
}

TEST_CASE("leases: the first request asks for a whole lease, the next ones wait for the answer") {
  Leases leases{options(10, 20)};
  const auto first = leases.check("a", at(0s), {1});
  CHECK(first.step == Step::kAsk);
  CHECK(first.least == Tokens{1});
  CHECK(first.most == Tokens{10});
  CHECK(leases.check("a", at(0s), {1}).step == Step::kWait);
  CHECK(leases.check("b", at(0s), {1}).step == Step::kAsk);  // another caller
}

TEST_CASE("leases: what was granted is spent at home, to the last token") {
  Leases leases{options(3, 20)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.granted("a", at(1s), {3}, kAfter);
  for (const int left : {2, 1, 0}) {
    const auto check = leases.check("a", at(1s), {1});
    REQUIRE(check.step == Step::kDecided);
    CHECK(check.decision.admitted);
    CHECK(check.decision.reason == Reason::kAdmitted);
    CHECK(check.decision.remaining == Tokens{left});
    CHECK(check.decision.retry_after == 0s);
    CHECK(check.decision.reset_after == 5s);
    leases.spend("a", {1});
  }
  CHECK(leases.check("a", at(1s), {1}).step == Step::kAsk);
  CHECK(leases.counters().taken == 3);
  CHECK(leases.counters().spent == 3);
  CHECK(leases.counters().returned == 0);
}

TEST_CASE("leases: a check spends nothing") {
  Leases leases{options(1, 20)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.granted("a", at(0s), {1}, kAfter);
  for (int i = 0; i < 3; ++i) CHECK(leases.check("a", at(0s), {1}).decision.admitted);
}

TEST_CASE(
    "leases: a request that costs more than is left asks for the difference, and no more is held "
    "than a lease") {
  Leases leases{options(10, 20)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.granted("a", at(0s), {4}, kAfter);
  const auto more = leases.check("a", at(0s), {6});
  CHECK(more.step == Step::kAsk);
  CHECK(more.least == Tokens{2});
  CHECK(more.most == Tokens{6});  // with the four it has, ten
  leases.failed("a");
  const auto large = leases.check("a", at(0s), {15});
  CHECK(large.step == Step::kAsk);
  CHECK(large.least == Tokens{11});
  CHECK(large.most == Tokens{11});
}

TEST_CASE("leases: what costs more than the burst is refused for ever, without asking") {
  Leases leases{options(10, 20)};
  CHECK(leases.check("a", at(0s), {20}).step == Step::kAsk);
  const auto never = leases.check("a", at(0s), {21});
  CHECK(never.step == Step::kDecided);
  CHECK_FALSE(never.decision.admitted);
  CHECK(never.decision.reason == Reason::kNever);
  CHECK(never.decision.retry_after == kNever);
}

TEST_CASE("leases: a refusal is remembered until its wait is over") {
  Leases leases{options(10, 20)};
  REQUIRE(leases.check("a", at(0s), {2}).step == Step::kAsk);
  leases.refused("a", at(1s), {2}, refusal(300ms));
  const auto again = leases.check("a", at(1s + 299ms), {2});
  CHECK(again.step == Step::kDecided);
  CHECK_FALSE(again.decision.admitted);
  CHECK(again.decision.reason == Reason::kOverLimit);
  CHECK(again.decision.retry_after == 1ms);
  CHECK(again.decision.reset_after == 1ms);
  CHECK(leases.check("a", at(1s + 299ms), {3}).decision.retry_after == 1ms);  // costs more
  CHECK(leases.check("a", at(1s + 300ms), {2}).step == Step::kAsk);
}

TEST_CASE("leases: a cheaper request may pass where a dearer one was refused") {
  Leases leases{options(10, 20)};
  REQUIRE(leases.check("a", at(0s), {2}).step == Step::kAsk);
  leases.refused("a", at(0s), {2}, refusal(300ms));
  CHECK(leases.check("a", at(0s), {1}).step == Step::kAsk);
}

TEST_CASE("leases: a refusal is remembered for a lease's time at most, as others may give back") {
  Leases leases{options(10, 20, 1s)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.refused("a", at(500ms), {1}, refusal(24h));
  CHECK(leases.check("a", at(1499ms), {1}).step == Step::kDecided);
  CHECK(leases.check("a", at(1500ms), {1}).step == Step::kAsk);
}

TEST_CASE(
    "leases: a refusal does not lengthen the time of tokens that are held, and is kept without "
    "any") {
  Leases leases{options(10, 20, 1s)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.granted("a", at(0s), {2}, kAfter);
  REQUIRE(leases.check("a", at(900ms), {3}).step == Step::kAsk);
  leases.refused("a", at(900ms), {1}, refusal(1s));
  CHECK(leases.next_timeout() == at(1s));
  REQUIRE(leases.check("b", at(2s), {1}).step == Step::kAsk);
  leases.refused("b", at(2500ms), {1}, refusal(1s));
  CHECK(time_out(leases, at(3499ms)).size() == 1);  // what a held
  CHECK(leases.size() == 1);
  CHECK(leases.next_timeout() == at(3500ms));
}

TEST_CASE("leases: after a failure the next request asks again") {
  Leases leases{options(10, 20)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.failed("a");
  leases.failed("unknown");
  CHECK(leases.check("a", at(0s), {1}).step == Step::kAsk);
}

TEST_CASE("leases: what is unspent when its time is over goes back, once") {
  Leases leases{options(10, 20, 1s)};
  CHECK(leases.next_timeout() == TimePoint::max());
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.granted("a", at(100ms), {10}, kAfter);
  leases.spend("a", {3});
  CHECK(leases.next_timeout() == at(1100ms));
  CHECK(time_out(leases, at(1099ms)).empty());
  const auto returns = time_out(leases, at(1100ms));
  REQUIRE(returns.size() == 1);
  CHECK(returns[0].key == "a");
  CHECK(returns[0].tokens == Tokens{7});
  CHECK(leases.counters().returned == 7);
  CHECK(leases.size() == 0);
  CHECK(time_out(leases, at(2s)).empty());
  CHECK(leases.check("a", at(2s), {1}).step == Step::kAsk);
}

TEST_CASE("leases: a spent lease ends without a return, and a new grant starts its time anew") {
  Leases leases{options(1, 20, 1s)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  leases.granted("a", at(0s), {1}, kAfter);
  leases.spend("a", {1});
  REQUIRE(leases.check("a", at(900ms), {1}).step == Step::kAsk);
  leases.granted("a", at(950ms), {1}, kAfter);
  CHECK(time_out(leases, at(1900ms)).empty());
  CHECK(leases.size() == 1);
  leases.spend("a", {1});
  CHECK(time_out(leases, at(1950ms)).empty());
  CHECK(leases.size() == 0);
}

TEST_CASE("leases: a lease that is being asked for outlives its time, so that nobody asks twice") {
  Leases leases{options(10, 20, 1s)};
  REQUIRE(leases.check("a", at(0s), {1}).step == Step::kAsk);
  CHECK(time_out(leases, at(3s)).empty());
  CHECK(leases.next_timeout() == at(4s));
  CHECK(leases.check("a", at(3s), {1}).step == Step::kWait);
}

TEST_CASE("leases: without room the caller idle for longest gives its tokens back") {
  Leases leases{options(5, 20, 1s, 2)};
  for (const auto& [key, when] : {std::pair{"a", 0s}, std::pair{"b", 1s}}) {
    REQUIRE(leases.check(key, at(when), {1}).step == Step::kAsk);
    leases.granted(key, at(when), {5}, kAfter);
  }
  REQUIRE(leases.check("c", at(1s), {1}).step == Step::kAsk);
  CHECK(leases.size() == 2);
  CHECK(leases.next_timeout() == TimePoint::min());  // something is to be returned now
  const auto returns = time_out(leases, at(1s));
  REQUIRE(returns.size() == 1);
  CHECK(returns[0].key == "a");
  CHECK(returns[0].tokens == Tokens{5});
  REQUIRE(leases.check("d", at(1s), {1}).step == Step::kAsk);  // c is being asked for: b goes
  CHECK(time_out(leases, at(1s)).at(0).key == "b");
}

TEST_CASE("leases: the end gives all back") {
  Leases leases{options(5, 20, 1h)};
  for (const char* key : {"a", "b"}) {
    REQUIRE(leases.check(key, at(0s), {1}).step == Step::kAsk);
    leases.granted(key, at(0s), {5}, kAfter);
  }
  leases.spend("b", {5});
  std::vector<Leases::Return> returns;
  leases.end_all(returns);
  REQUIRE(returns.size() == 1);
  CHECK(returns[0].key == "a");
  CHECK(leases.size() == 0);
}

TEST_CASE("leases: offers are halved from the most down to the least") {
  CHECK(lease_offers({1}, {10}) == std::vector<Tokens>{{10}, {5}, {2}, {1}});
  CHECK(lease_offers({3}, {10}) == std::vector<Tokens>{{10}, {5}, {3}});
  CHECK(lease_offers({4}, {4}) == std::vector<Tokens>{{4}});
  CHECK(lease_offers({5}, {10}) == std::vector<Tokens>{{10}, {5}});
}

// --- many holders on virtual time

/// A bucket by its definition, in units of a nanosecond's earning: a token is `ns_per_token`.
class Bucket {
 public:
  Bucket(std::int64_t burst, std::int64_t ns_per_token)
      : full_(burst * ns_per_token), token_(ns_per_token), level_(full_) {}

  bool take(TimePoint now, std::int64_t tokens) {
    earn(now);
    if (tokens * token_ > level_) return false;
    level_ -= tokens * token_;
    return true;
  }
  void give(TimePoint now, std::int64_t tokens) {
    earn(now);
    level_ = std::min(full_, level_ + tokens * token_);
  }
  Duration wait_for(std::int64_t tokens) const {
    return Duration{std::max<std::int64_t>(0, tokens * token_ - level_)};
  }

 private:
  void earn(TimePoint now) {
    level_ = std::min(full_, level_ + (now - at_).count());
    at_ = now;
  }
  std::int64_t full_;
  std::int64_t token_;
  std::int64_t level_;
  TimePoint at_{};
};

/// k holders of leases on one bucket, a message taking `delay` each way.
class Gateways {
 public:
  struct Config {
    std::size_t holders;
    std::int64_t lease;
    std::int64_t burst;
    std::int64_t ns_per_token;
    Duration lease_time;
    Duration delay;
  };
  explicit Gateways(const Config& config)
      : config_(config), bucket_(config.burst, config.ns_per_token) {
    for (std::size_t i = 0; i < config.holders; ++i) {
      holders_.emplace_back(options(config.lease, config.burst, config.lease_time));
      waiting_.emplace_back(0);
    }
  }

  void request(std::size_t holder, TimePoint now) {
    const auto check = holders_[holder].check("k", now, {1});
    if (check.step == Step::kDecided && check.decision.admitted) {
      holders_[holder].spend("k", {1});
      admitted.push_back(now);
    } else if (check.step == Step::kDecided) {
      ++refused;
    } else {
      ++waiting_[holder];
      if (check.step == Step::kAsk) {
        post(now + config_.delay,
             [this, holder, check](TimePoint then) { serve(holder, check, then); });
      }
    }
  }

  /// Runs what is due up to `now`, in the order of time.
  void run_to(TimePoint now) {
    for (;;) {
      std::optional<std::size_t> timer;
      TimePoint next = events_.empty() ? TimePoint::max() : events_.begin()->first;
      for (std::size_t i = 0; i < holders_.size(); ++i) {
        if (holders_[i].next_timeout() < next) {
          next = holders_[i].next_timeout();
          timer = i;
        }
      }
      if (next > now) return;
      if (timer) {
        give_back(*timer, next);
      } else {
        const auto event = events_.extract(events_.begin());
        event.mapped()(next);
      }
    }
  }

  std::vector<Leases>& holders() { return holders_; }
  std::vector<TimePoint> admitted;
  long refused = 0;

 private:
  using Event = std::function<void(TimePoint)>;
  void post(TimePoint when, Event event) { events_.emplace(when, std::move(event)); }

  void serve(std::size_t holder, const Leases::Check& check, TimePoint now) {
    std::int64_t taken = 0;
    for (const Tokens offer : lease_offers(check.least, check.most)) {
      if (taken == 0 && bucket_.take(now, offer.count)) taken = offer.count;
    }
    const Decision after = taken > 0 ? kAfter : refusal(bucket_.wait_for(check.least.count));
    post(now + config_.delay, [this, holder, check, taken, after](TimePoint then) {
      if (taken > 0) {
        holders_[holder].granted("k", then, {taken}, after);
      } else {
        holders_[holder].refused("k", then, check.least, after);
      }
      for (long n = std::exchange(waiting_[holder], 0); n > 0; --n) request(holder, then);
    });
  }
  void give_back(std::size_t holder, TimePoint now) {
    for (const auto& each : time_out(holders_[holder], now)) {
      post(now + config_.delay,
           [this, tokens = each.tokens.count](TimePoint then) { bucket_.give(then, tokens); });
    }
  }

  Config config_;
  Bucket bucket_;
  std::vector<Leases> holders_;
  std::vector<long> waiting_;
  std::multimap<TimePoint, Event> events_;
};

/// The most that was admitted in an interval beyond burst + rate * its length; from the start
/// alone, or in any.
double excess(const std::vector<TimePoint>& admitted, const Gateways::Config& config, bool any) {
  double most = 0;
  for (std::size_t i = 0; i < (any ? admitted.size() : 1); ++i) {
    const TimePoint from = any ? admitted[i] : TimePoint{};
    for (std::size_t j = i; j < admitted.size(); ++j) {
      const double earned = static_cast<double>((admitted[j] - from).count()) /
                            static_cast<double>(config.ns_per_token);
      const double count = static_cast<double>(j - i + 1);
      most = std::max(most, count - static_cast<double>(config.burst) - earned);
    }
  }
  return most;
}

TEST_CASE("leases: k holders admit nothing too much from the start, k leases in any interval") {
  const auto seed = GENERATE(range(1, 13));
  CAPTURE(seed);
  Random random{static_cast<std::uint64_t>(seed)};
  const Gateways::Config config{.holders = 1 + random.below(6),
                                .lease = 1 + static_cast<std::int64_t>(random.below(20)),
                                .burst = 20 + static_cast<std::int64_t>(random.below(50)),
                                .ns_per_token = 10'000'000,
                                .lease_time = random.below(2) == 0 ? Duration{50ms} : Duration{2s},
                                .delay = random.below(2) == 0 ? Duration{0} : Duration{3ms}};
  Gateways gateways{config};
  TimePoint now{};
  for (int i = 0; i < 3000; ++i) {
    // Bursts at one holder, and long rests.
    now += random.below(50) == 0 ? Duration{1s}
                                 : Duration{static_cast<std::int64_t>(random.below(4'000'000))};
    gateways.run_to(now);
    gateways.request(random.below(config.holders), now);
  }
  gateways.run_to(now + 1h);
  CHECK(excess(gateways.admitted, config, false) <= 0);
  CHECK(excess(gateways.admitted, config, true) <=
        static_cast<double>(config.holders) * static_cast<double>(config.lease));
  CHECK(gateways.admitted.size() > 500);
  CHECK(gateways.refused > 100);
  CHECK(gateways.admitted.size() + static_cast<std::size_t>(gateways.refused) == 3000);
  for (const Leases& holder : gateways.holders()) {
    CHECK(holder.counters().taken == holder.counters().spent + holder.counters().returned);
  }
}

TEST_CASE("leases: the bound in an interval is tight: k holders can save up k leases") {
  const Gateways::Config config{.holders = 4,
                                .lease = 5,
                                .burst = 20,
                                .ns_per_token = 10'000'000,
                                .lease_time = 1h,
                                .delay = 0ms};
  Gateways gateways{config};
  for (std::size_t i = 0; i < 4; ++i) {
    gateways.request(i, at(0s));
    gateways.run_to(at(0s));
  }
  REQUIRE(gateways.admitted.size() == 4);  // each holds four more, and the bucket fills up again
  for (int n = 0; n < 100; ++n) {
    gateways.request(static_cast<std::size_t>(n) % 4, at(10s));
    gateways.run_to(at(10s));
  }
  CHECK(gateways.admitted.size() == 4 + 20 + 4 * 4);  // the burst and what was saved
  CHECK(excess(gateways.admitted, config, false) <= 0);
}

TEST_CASE(
    "leases: too few are admitted only while tokens lie with a holder that does not need them") {
  const Gateways::Config config{.holders = 2,
                                .lease = 20,
                                .burst = 20,
                                .ns_per_token = 86'400'000'000'000,
                                .lease_time = 1s,
                                .delay = 0ms};
  Gateways gateways{config};
  const auto ask = [&](std::size_t holder, TimePoint now) {
    gateways.run_to(now);
    gateways.request(holder, now);
    gateways.run_to(now);
  };
  ask(0, at(0s));     // takes all twenty
  ask(1, at(500ms));  // refused: 19 lie with the other
  CHECK(gateways.admitted.size() == 1);
  for (int n = 0; n < 30; ++n) ask(1, at(1600ms));
  CHECK(gateways.admitted.size() == 20);  // nothing was lost
}

}  // namespace
}  // namespace headgate::ratelimit
