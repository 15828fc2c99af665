// The token bucket beside its definition in exact integers, on traces that hurt.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <utility>

#include "bucket.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

/// The definition, in 128-bit integers: credit in parts of 1/per token, earned `count` a
/// nanosecond, never above the burst. Nothing in common with the GCRA form but the two numbers.
class BucketOracle {
 public:
  BucketOracle(const Rate& rate, std::int64_t burst)
      : rate_(rate), capacity_(static_cast<Int128>(burst) * rate.per.count()), credit_(capacity_) {}

  bool admit(TimePoint now, std::int64_t cost) {
    earn_until(now);
    const Int128 price = static_cast<Int128>(cost) * rate_.per.count();
    if (price > credit_) return false;
    credit_ -= price;
    return true;
  }
  /// Spends what `limiter` has admitted, even if there is less: the debt that this leaves, in
  /// nanoseconds of earning and as a fraction {above, below}.
  std::pair<Int128, Int128> spend(TimePoint now, std::int64_t cost) {
    earn_until(now);
    credit_ -= static_cast<Int128>(cost) * rate_.per.count();
    return {credit_ < 0 ? -credit_ : 0, rate_.count};
  }
  std::int64_t remaining() const { return static_cast<std::int64_t>(credit_ / rate_.per.count()); }
  /// The least whole number of nanoseconds until the credit is `tokens`.
  Duration wait_for(std::int64_t tokens) const {
    const Int128 lacking = static_cast<Int128>(tokens) * rate_.per.count() - credit_;
    if (lacking <= 0) return 0ns;
    return Duration{static_cast<std::int64_t>((lacking + rate_.count - 1) / rate_.count)};
  }

 private:
  void earn_until(TimePoint now) {
    const Int128 earned = static_cast<Int128>((now - latest_).count()) * rate_.count;
    credit_ = std::min(capacity_, credit_ + earned);
    latest_ = now;
  }

  Rate rate_;
  Int128 capacity_;
  Int128 credit_;
  TimePoint latest_{};
};

/// Gaps between requests that hurt: none, a nanosecond, exactly the wait asked for and one less,
/// about the cost of a token, long idleness.
Duration adversarial_gap(Random& random, const Rate& rate, Duration wait) {
  const auto token = static_cast<std::uint64_t>(rate.per.count() / rate.count);
  switch (random.below(8)) {
    case 0:
      return 0ns;
    case 1:
      return 1ns;
    case 2:
      return wait;
    case 3:
      return std::max(wait - 1ns, Duration{0});
    case 4:
      return Duration{static_cast<std::int64_t>(random.below(20 * token + 1))};
    case 5:
      return random.below(50) == 0 ? Duration{24h * 3'652} : Duration{0};
    default:
      return Duration{static_cast<std::int64_t>(random.below(2 * token + 1))};
  }
}

constexpr TimePoint kEnd{Duration{3'200'000'000'000'000'000}};  // a century and a year

TEST_CASE("token bucket: decides as its definition does, in every field, on any trace") {
  // In lowest terms at most four tokens in a whole number of nanoseconds: nothing is rounded.
  const auto [count, per, burst] =
      GENERATE(table<std::int64_t, Duration, std::int64_t>({{1, 1s, 1},
                                                            {3, 1s, 1},
                                                            {3, 1s, 4},
                                                            {100, 1s, 20},
                                                            {300, 1s, 5},
                                                            {5, 2s, 3},
                                                            {4, 7s, 50},
                                                            {2, 3ns, 1'000},
                                                            {4, 5ns, 1'000'000'000},
                                                            {1'000'000'000, 1s, 1'000'000'000},
                                                            {1, 24h, 13'343}}));
  const auto seed = GENERATE(range<std::uint64_t>(1, 4));
  CAPTURE(count, per.count(), burst, seed);
  const Rate rate = make_rate(count, per);
  Bucket limiter = bucket(rate, burst);
  BucketOracle oracle{rate, burst};
  Random random{seed};
  TimePoint now = at(0s);
  Duration wait{};
  for (int i = 0; i < 5'000; ++i) {
    now += adversarial_gap(random, rate, wait);
    if (now > kEnd) break;
    const std::int64_t cost =
        random.below(4) == 0
            ? 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(burst)))
            : 1;
    const Decision decision = limiter.admit(now, cost);
    REQUIRE(decision.admitted == oracle.admit(now, cost));
    REQUIRE(decision.remaining == Tokens{oracle.remaining()});
    REQUIRE(decision.reset_after == oracle.wait_for(burst));
    REQUIRE(decision.retry_after == (decision.admitted ? 0ns : oracle.wait_for(cost)));
    wait = decision.retry_after;
  }
}

TEST_CASE(
    "token bucket: at any other rate it is never late, and early by a third of a nanosecond") {
  const auto [count, per, burst] =
      GENERATE(table<std::int64_t, Duration, std::int64_t>({{7, 1s, 1},
                                                            {7, 1s, 4},
                                                            {333, 1s, 5},
                                                            {999'983, 1s, 20},
                                                            {999'983, 24h, 50},
                                                            {999'999'937, 1s, 1},
                                                            {999'999'999, 1s, 1'000'000'000}}));
  const auto seed = GENERATE(range<std::uint64_t>(1, 4));
  CAPTURE(count, per.count(), burst, seed);
  const Rate rate = make_rate(count, per);
  Random random{seed};
  for (int round = 0; round < 300; ++round) {
    // From a full bucket at any time in a century: the oracle spends what the bucket admits.
    Bucket limiter = bucket(rate, burst);
    BucketOracle oracle{rate, burst};
    TimePoint now =
        at(Duration{static_cast<std::int64_t>(random.below(3'000'000'000'000'000'000))});
    Duration wait{};
    for (int i = 0; i < 20; ++i) {
      now += adversarial_gap(random, rate, wait);
      if (now > kEnd) break;
      const std::int64_t cost =
          1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(burst)));
      const Decision decision = limiter.admit(now, cost);
      BucketOracle asked = oracle;
      REQUIRE((decision.admitted || !asked.admit(now, cost)));
      if (decision.admitted) {
        const auto [early, nanosecond] = oracle.spend(now, cost);
        REQUIRE(3 * early < nanosecond);
      } else {
        const Duration exact = asked.wait_for(cost);
        REQUIRE(decision.retry_after >= exact - 1ns);
        REQUIRE(decision.retry_after <= exact);
      }
      wait = decision.retry_after;
    }
  }
}

TEST_CASE("token bucket: a wait ends when it says and not a nanosecond before, at any rate") {
  const auto [count, per, burst] = GENERATE(table<std::int64_t, Duration, std::int64_t>(
      {{1, 24h, 3}, {7, 1s, 4}, {100, 1s, 20}, {999'983, 1s, 7}, {999'999'937, 1s, 40}}));
  CAPTURE(count, per.count(), burst);
  Bucket limiter = bucket(make_rate(count, per), burst);
  Random random{29};
  TimePoint now = at(0s);
  Duration wait{};
  for (int i = 0; i < 3'000; ++i) {
    now += adversarial_gap(random, make_rate(count, per), wait);
    if (now > kEnd) break;
    const std::int64_t cost =
        1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(burst)));
    const Decision decision = limiter.admit(now, cost);
    wait = decision.retry_after;
    if (!decision.admitted) {
      REQUIRE(limiter.policy.peek(limiter.state, now + wait, {cost}).admitted);
      REQUIRE_FALSE(limiter.policy.peek(limiter.state, now + wait - 1ns, {cost}).admitted);
    }
    const TimePoint full = now + decision.reset_after;
    REQUIRE(limiter.policy.peek(limiter.state, full, {burst}).admitted);
    REQUIRE_FALSE(limiter.policy.peek(limiter.state, full - 1ns, {burst}).admitted);
  }
}

}  // namespace
}  // namespace headgate::ratelimit
