// The bounds of leases: many holders and one bucket in exact integers, on virtual time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "headgate/core/random.hpp"
#include "leases_steps.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using Step = Leases::Step;

/// A bucket by its definition, in units of a nanosecond's earning: a token is `ns_per_token`.
class LeasedBucket {
 public:
  LeasedBucket(std::int64_t burst, std::int64_t ns_per_token)
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
  LeasedBucket bucket_;
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
