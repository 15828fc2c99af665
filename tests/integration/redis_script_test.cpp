// The script in a real Redis. Its clock is put into the test's hands by a line before its text; all
// else is the text that gateways load.
#include <array>
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/core/text.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/shared_limit.hpp"
#include "headgate/redis/resp.hpp"
#include "headgate/redis/script.hpp"
#include "support/redis_server.hpp"

namespace headgate::test {
namespace {

using ratelimit::Decision;
using ratelimit::Reason;
using ratelimit::SharedBucket;
using ratelimit::SharedLimit;
using ratelimit::SharedSight;

// The time is the key `clock`, in microseconds, and nothing expires but by it.
constexpr std::string_view kTestClock = R"(local real = redis
local redis = {call = function(name, key, value)
  if name == 'TIME' then
    local us = tonumber(real.call('GET', 'clock'))
    return {string.format('%.0f', math.floor(us / 1000000)), string.format('%.0f', us % 1000000)}
  end
  if name == 'SET' then return real.call('SET', key, value) end
  return real.call(name, key)
end}
)";

constexpr std::int64_t kStart = 1'795'000'000'000'000;  // in the year 2026

constexpr std::int64_t kEnd = 4'400'000'000'000'000;  // 2109: the script is exact until 2112

std::int64_t us_of(Duration duration) { return duration.count() / 1000; }

class Store {
 public:
  explicit Store(bool real_time = false)
      : sha_(redis_.call({"SCRIPT", "LOAD",
                          std::string{real_time ? std::string_view{} : kTestClock} +
                              std::string{redis::script()}})) {}

  std::vector<SharedSight> ask(const redis::Call& call, std::int64_t now_us = 0) {
    if (now_us != 0) REQUIRE(redis_.call({"SET", "clock", std::to_string(now_us)}) == "OK");
    Argv words{"EVALSHA", sha_, std::to_string(call.keys.size())};
    words.insert(words.end(), call.keys.begin(), call.keys.end());
    for (const std::int64_t number : call.numbers) words.push_back(std::to_string(number));
    std::istringstream text{redis_.call(words)};
    std::vector<SharedSight> sights;
    std::int64_t now = 0;
    text >> now;
    for (SharedSight sight{.now_us = now}; text >> sight.taken >> sight.first >> sight.second;) {
      sights.push_back(sight);
    }
    REQUIRE(sights.size() == call.keys.size());
    return sights;
  }

  Decision decide(const SharedLimit& limit, const std::string& key, std::int64_t now_us,
                  Tokens cost) {
    redis::Call call{.keys = {key}, .numbers = {}};
    limit.append_question(call.numbers, cost);
    const SharedSight sight = ask(call, now_us).front();
    return limit.decision(sight, cost, sight.taken > 0);
  }

  RedisServer& redis() { return redis_; }

 private:
  RedisServer redis_;
  std::string sha_;
};

SharedLimit limit_of(ratelimit::Spec spec) {
  spec.shared.emplace().redis = "127.0.0.1:6379";
  auto limit = SharedLimit::make(spec);
  REQUIRE(limit);
  return *limit;
}

SharedLimit bucket_of(Rate rate, std::int64_t burst) {
  ratelimit::Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = rate;
  spec.burst = Tokens{burst};
  return limit_of(spec);
}

SharedLimit window_of(std::int64_t limit, Duration window) {
  ratelimit::Spec spec;
  spec.algorithm = "fixed_window";
  spec.limit = Tokens{limit};
  spec.window = window;
  return limit_of(spec);
}

/// A token bucket by its definition: tokens that drip in, in exact fractions of one.
class Oracle {
 public:
  Oracle(Rate rate, std::int64_t burst)
      : rate_(rate), full_(static_cast<Int128>(burst) * rate.per.count()), level_(full_) {}

  Decision admit(std::int64_t now_us, Tokens cost) {
    const Int128 earned = static_cast<Int128>(now_us - at_us_) * 1000 * rate_.count;
    if (now_us > at_us_) {
      level_ = std::min(full_, level_ + earned);
      at_us_ = now_us;
    }
    const Int128 price = static_cast<Int128>(cost.count) * rate_.per.count();
    // Behind the latest time seen it has earned nothing yet: the wait grows by the difference.
    const auto wait = [&](Int128 missing) {
      const Int128 per_us = static_cast<Int128>(rate_.count) * 1000;
      const Int128 late = at_us_ - now_us;
      return missing <= 0
                 ? Duration::zero()
                 : Duration{static_cast<std::int64_t>((missing + per_us - 1) / per_us + late) *
                            1000};
    };
    const bool admitted = price <= level_;
    if (admitted) level_ -= price;
    return {.admitted = admitted,
            .reason = admitted ? Reason::kAdmitted : Reason::kOverLimit,
            .remaining = {static_cast<std::int64_t>(level_ / rate_.per.count())},
            .retry_after = admitted ? Duration::zero() : wait(price - level_),
            .reset_after = wait(full_ - level_)};
  }

 private:
  Rate rate_;
  Int128 full_;
  Int128 level_;
  std::int64_t at_us_ = 0;
};

bool equal(const Decision& a, const Decision& b) {
  return a.admitted == b.admitted && a.reason == b.reason && a.remaining == b.remaining &&
         a.retry_after == b.retry_after && a.reset_after == b.reset_after;
}

std::string to_text(const Decision& d) {
  return std::to_string(d.admitted) + " remaining " + std::to_string(d.remaining.count) +
         " retry " + std::to_string(d.retry_after.count()) + " reset " +
         std::to_string(d.reset_after.count());
}

struct Step {
  std::int64_t now_us;
  std::size_t key;
  Tokens cost;
};

/// Times that stand still, creep and leap; costs up to the burst.
std::vector<Step> random_trace(Random& random, Rate rate, std::int64_t burst, int steps) {
  const double token_us = 1e6 / rate.per_second();
  std::vector<Step> trace;
  std::int64_t now = kStart;
  for (int i = 0; i < steps; ++i) {
    switch (random.below(4)) {
      case 0:
        break;
      case 1:
        ++now;
        break;
      case 2:
        now += static_cast<std::int64_t>(random.uniform() * 3 * token_us);
        break;
      default:
        now += static_cast<std::int64_t>(random.uniform() * token_us * static_cast<double>(burst));
    }
    now = std::min(now, kEnd);
    const std::int64_t cost =
        random.below(3) == 0
            ? 1 + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(burst)))
            : 1;
    trace.push_back({.now_us = now, .key = random.below(2), .cost = {cost}});
  }
  return trace;
}

struct RateAndBurst {
  std::string rate;
  std::int64_t burst;
};

TEST_CASE("redis script: a bucket in Redis decides as one at home and as the definition says") {
  const auto given = GENERATE(values<RateAndBurst>({{"1/s", 1},
                                                    {"100/s", 20},
                                                    {"6/s", 5},
                                                    {"1M/s", 1000},
                                                    {"1G/s", 1'000'000'000},
                                                    {"1/day", 13'000},
                                                    {"999999937/s", 999'999'999},
                                                    {"5/2s", 3}}));
  const Rate rate = *parse_rate(given.rate);
  CAPTURE(given.rate, given.burst);
  Store store;
  const SharedLimit shared = bucket_of(rate, given.burst);
  const auto local = ratelimit::TokenBucket::make({.rate = rate, .burst = {given.burst}});
  REQUIRE(local);
  std::vector<ratelimit::TokenBucket::State> states(2);
  std::vector<Oracle> oracles(2, Oracle{rate, given.burst});
  Random random{given.rate.size() + 1};
  int admitted = 0;
  int refused = 0;
  for (const Step& step : random_trace(random, rate, given.burst, 400)) {
    const Decision there =
        store.decide(shared, "key" + std::to_string(step.key), step.now_us, step.cost);
    const Decision defined = oracles[step.key].admit(step.now_us, step.cost);
    INFO(to_text(there) << " instead of " << to_text(defined) << " at " << step.now_us);
    REQUIRE(equal(there, defined));
    const Decision home = local->admit(
        states[step.key], TimePoint{std::chrono::microseconds{step.now_us - kStart}}, step.cost);
    REQUIRE(home.admitted == there.admitted);
    ++(there.admitted ? admitted : refused);
  }
  CHECK(admitted > 20);
  CHECK(refused > 20);
}

TEST_CASE("redis script: time that goes back earns nothing, and decades earn one burst") {
  Store store;
  const SharedLimit shared = bucket_of(*parse_rate("10/s"), 2);
  Oracle oracle{*parse_rate("10/s"), 2};
  const std::array<std::int64_t, 9> times{kStart,
                                          kStart,
                                          kStart,
                                          kStart - 50'000,
                                          kStart - 1'000'000,
                                          kStart + 99'999,
                                          kStart + 100'000,
                                          4'400'000'000'000'000,
                                          kEnd};
  static_assert(kEnd < std::int64_t{1} << 52);
  for (const std::int64_t now : times) {
    const Decision there = store.decide(shared, "k", now, {1});
    const Decision defined = oracle.admit(now, {1});
    INFO(to_text(there) << " instead of " << to_text(defined) << " at " << now);
    REQUIRE(equal(there, defined));
  }
}

TEST_CASE("redis script: a window in Redis decides as one at home") {
  // Windows of a prime length: none starts at a round time but by luck.
  const Duration window = std::chrono::microseconds{7'654'321};
  Store store;
  const SharedLimit shared = window_of(10, window);
  std::map<std::int64_t, std::int64_t> spent;  // by the number of the window
  Random random{3};
  std::int64_t now = kStart;
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    now += static_cast<std::int64_t>(random.below(2) == 0 ? 0 : random.below(2'000'000));
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(3))};
    const Decision there = store.decide(shared, "k", now, cost);
    std::int64_t& used = spent[now / us_of(window)];
    const bool admitted = used + cost.count <= 10;
    if (admitted) used += cost.count;
    const Duration rest = std::chrono::microseconds{us_of(window) - now % us_of(window)};
    const bool untouched = used == 0;
    const Decision defined{.admitted = admitted,
                           .reason = admitted ? Reason::kAdmitted : Reason::kOverLimit,
                           .remaining = {10 - used},
                           .retry_after = admitted ? Duration::zero() : rest,
                           .reset_after = untouched ? Duration::zero() : rest};
    INFO(to_text(there) << " instead of " << to_text(defined) << " at " << now);
    REQUIRE(equal(there, defined));
    if (!admitted) ++refused;
  }
  CHECK(refused > 20);
}

TEST_CASE("redis script: limits that decide together spend at all of them or at none") {
  Store store;
  const SharedLimit wide = bucket_of(*parse_rate("1/day"), 5);
  const SharedLimit narrow = window_of(2, std::chrono::hours{1});
  redis::Call both{.keys = {"wide", "narrow"}, .numbers = {}};
  wide.append_question(both.numbers, {1});
  narrow.append_question(both.numbers, {1});
  for (int i = 0; i < 2; ++i) {
    const auto sights = store.ask(both, kStart);
    CHECK(sights[0].taken == 1);
    CHECK(sights[1].taken == 1);
  }
  for (int i = 0; i < 4; ++i) {
    const auto sights = store.ask(both, kStart);
    CHECK(sights[0].taken == 1);  // it could, and it did not:
    CHECK(sights[1].taken == 0);
    CHECK(wide.decision(sights[0], {1}, false).remaining == Tokens{3});
    CHECK(wide.decision(sights[0], {1}, false).retry_after == Duration::zero());
    CHECK(narrow.decision(sights[1], {1}, false).retry_after > Duration::zero());
  }
}

TEST_CASE("redis script: of several offers the first that can be paid is taken") {
  Store store;
  const auto bucket = SharedBucket::make({.rate = *parse_rate("1/day"), .burst = {10}});
  REQUIRE(bucket);
  const std::array<Tokens, 4> offers{Tokens{8}, Tokens{4}, Tokens{2}, Tokens{1}};
  redis::Call call{.keys = {"k"}, .numbers = {}};
  bucket->append_question(call.numbers, offers);
  CHECK(store.ask(call, kStart)[0].taken == 1);  // 8 of 10
  CHECK(store.ask(call, kStart)[0].taken == 3);  // 2 of 2
  CHECK(store.ask(call, kStart)[0].taken == 0);
}

TEST_CASE("redis script: what is given back can be spent again, and never makes more than full") {
  Store store;
  const auto bucket = SharedBucket::make({.rate = *parse_rate("6/s"), .burst = {10}});
  REQUIRE(bucket);
  redis::Call take{.keys = {"k"}, .numbers = {}};
  bucket->append_question(take.numbers, std::array{Tokens{10}});
  redis::Call back{.keys = {"k"}, .numbers = {}};
  bucket->append_return(back.numbers, {4});
  redis::Call one{.keys = {"k"}, .numbers = {}};
  bucket->append_question(one.numbers, std::array{Tokens{1}});
  CHECK(store.ask(take, kStart)[0].taken == 1);
  store.ask(back, kStart);
  for (int i = 0; i < 4; ++i) CHECK(store.ask(one, kStart)[0].taken == 1);
  CHECK(store.ask(one, kStart)[0].taken == 0);
  for (int i = 0; i < 3; ++i) store.ask(back, kStart);  // 12 of the 10 that it can hold
  CHECK(store.redis().call({"EXISTS", "k"}) == "0");    // full: as good as never seen
  CHECK(store.ask(take, kStart)[0].taken == 1);
  CHECK(store.ask(one, kStart)[0].taken == 0);
  store.ask(back, kStart - 1);  // to a bucket whose time lies ahead, with borrow in the parts
  for (int i = 0; i < 4; ++i) CHECK(store.ask(one, kStart)[0].taken == 1);
  CHECK(store.ask(one, kStart)[0].taken == 0);
}

TEST_CASE("redis script: a key lives until its limit is as good as new, by Redis' own clock") {
  Store store{true};
  const SharedLimit slow = bucket_of(*parse_rate("1/min"), 5);
  redis::Call call{.keys = {"slow"}, .numbers = {}};
  slow.append_question(call.numbers, {2});
  const SharedSight sight = store.ask(call)[0];
  CHECK(std::abs(sight.now_us - std::chrono::duration_cast<std::chrono::microseconds>(
                                    std::chrono::system_clock::now().time_since_epoch())
                                    .count()) < 60'000'000);
  const long ttl = std::stol(store.redis().call({"PTTL", "slow"}));
  CHECK(ttl <= 120'002);  // two tokens, a minute each
  CHECK(ttl > 60'000);
  const SharedLimit fast = bucket_of(*parse_rate("100/s"), 5);
  redis::Call quick{.keys = {"fast"}, .numbers = {}};
  fast.append_question(quick.numbers, {5});
  CHECK(store.ask(quick)[0].taken == 1);
  CHECK(eventually([&] { return store.redis().call({"EXISTS", "fast"}) == "0"; }));
  CHECK(store.ask(quick)[0].taken == 1);
}

}  // namespace
}  // namespace headgate::test
