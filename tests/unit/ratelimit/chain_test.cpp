#include "headgate/ratelimit/chain.hpp"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "support/time.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

Spec bucket_spec(std::int64_t per_second, std::int64_t burst) {
  Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = make_rate(per_second, 1s);
  spec.burst = Tokens{burst};
  spec.max_keys = 1'000;
  return spec;
}
Spec of_limit(const std::string& algorithm, std::int64_t limit, std::optional<Duration> window) {
  Spec spec;
  spec.algorithm = algorithm;
  spec.limit = Tokens{limit};
  spec.window = window;
  spec.max_keys = 1'000;
  return spec;
}

Chain chain_of(const std::vector<Spec>& specs, Sharing sharing = Sharing::kSingle) {
  std::vector<Limiter> limiters;
  for (const Spec& spec : specs) {
    limiters.push_back(make(spec, {.seed = 1, .sharing = sharing}).value());
  }
  return Chain{std::move(limiters)};
}

TEST_CASE("chain: one refusal is enough, names all who refuse, and spends nothing") {
  Chain chain = chain_of({bucket_spec(10, 5), of_limit("fixed_window", 3, 60s), bucket_spec(1, 4)});
  const std::array<std::uint64_t, 3> keys{7, 8, 9};
  for (const int left : {2, 1, 0}) {
    const ChainDecision passed = chain.admit(keys, at(0s));
    CHECK(passed.decision.admitted);
    CHECK(passed.violated == 0);
    CHECK(passed.limit == 1);  // the window has the least left
    CHECK(passed.decision.remaining == Tokens{left});
    CHECK(passed.decision.reset_after == 60s);
  }
  std::array<Decision, 3> each{};
  const ChainDecision refused = chain.admit(keys, at(0s), {2}, each);
  CHECK_FALSE(refused.decision.admitted);
  CHECK(refused.violated == 0b110);  // the window has none left, the last bucket one
  CHECK(refused.limit == 1);
  CHECK(refused.decision.retry_after == 60s);
  CHECK(refused.decision.remaining == Tokens{0});
  CHECK(each[0].admitted);
  CHECK(each[2].retry_after == 1s);
  // Each has what the three that passed have left: the refusal cost nobody.
  CHECK(chain.limiters()[0].peek(7, at(0s), {2}).admitted);
  CHECK_FALSE(chain.limiters()[0].peek(7, at(0s), {3}).admitted);
  CHECK(chain.limiters()[2].peek(9, at(0s), {1}).admitted);
}

TEST_CASE("chain: a refusal ends exactly when it says") {
  Chain chain = chain_of({bucket_spec(10, 5), of_limit("sliding_log", 3, 2s), bucket_spec(1, 4)});
  const std::array<std::uint64_t, 3> keys{1, 1, 1};
  Random random{4};
  TimePoint now = at(0s);
  int refusals = 0;
  for (int i = 0; i < 5'000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(600'000'000))};
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(3))};
    const ChainDecision decision = chain.admit(keys, now, cost);
    if (decision.decision.admitted) continue;
    ++refusals;
    const Duration wait = decision.decision.retry_after;
    REQUIRE(wait > 0ns);
    REQUIRE(chain.peek(keys, now + wait, cost).decision.admitted);
    REQUIRE_FALSE(chain.peek(keys, now + wait - 1ns, cost).decision.admitted);
  }
  CHECK(refusals > 1'000);
}

TEST_CASE("chain: a cost that one limit can never hold is never admitted") {
  Chain chain = chain_of({bucket_spec(10, 5), bucket_spec(10, 2)});
  const std::array<std::uint64_t, 2> keys{1, 1};
  const ChainDecision never = chain.admit(keys, at(0s), {3});
  CHECK(never.decision.reason == Reason::kNever);
  CHECK(never.decision.retry_after == kNever);
  CHECK(never.violated == 0b10);
}

TEST_CASE("chain: one limit that never admits decides, wherever it stands") {
  const std::array<std::uint64_t, 2> keys{1, 1};
  const Spec small = bucket_spec(10, 2);
  Spec large = bucket_spec(10, 5);
  for (const bool first : {true, false}) {
    CAPTURE(first);
    Chain chain = first ? chain_of({small, large}) : chain_of({large, small});
    REQUIRE(chain.admit(keys, at(0s)).decision.admitted);
    REQUIRE(chain.limiters()[first ? 1 : 0].admit(1, at(0s), {3}).admitted);
    const ChainDecision never = chain.admit(keys, at(0s), {3});
    CHECK(never.violated == 0b11);  // the large one has one left, the small one could never
    CHECK(never.limit == 0);
    CHECK(never.decision.reason == Reason::kNever);
    CHECK(never.decision.retry_after == kNever);
  }
}

TEST_CASE("chain: of limits with as much left the first is named") {
  Chain chain = chain_of({bucket_spec(1, 7), bucket_spec(1, 5), bucket_spec(1, 5)});
  CHECK(chain.admit(std::array<std::uint64_t, 3>{1, 1, 1}, at(0s)).limit == 1);
}

TEST_CASE("chain: of one limit it is that limit, and each gets its answer") {
  Chain chain = chain_of({bucket_spec(10, 3)});
  const std::array<std::uint64_t, 1> keys{1};
  std::array<Decision, 1> each{};
  CHECK(chain.admit(keys, at(0s), {2}, each).decision.remaining == Tokens{1});
  CHECK(each[0].admitted);
  CHECK(each[0].remaining == Tokens{1});
  CHECK(chain.admit(keys, at(0s), {2}, each).violated == 1);
  CHECK_FALSE(each[0].admitted);
  CHECK(each[0].retry_after == 100ms);
}

TEST_CASE("chain: what a full table lets pass is told, wherever that limit stands") {
  Spec full = bucket_spec(1, 3);
  full.max_keys = 1;
  full.overflow = Overflow::kAdmit;
  for (const std::size_t place : {0U, 1U, 2U}) {
    CAPTURE(place);
    std::vector<Spec> specs(3, bucket_spec(1, 3));
    specs[place] = full;
    Chain chain = chain_of(specs);
    REQUIRE(chain.admit(std::array<std::uint64_t, 3>{1, 1, 1}, at(0s)).decision.reason ==
            Reason::kAdmitted);
    const Decision passed = chain.admit(std::array<std::uint64_t, 3>{2, 2, 2}, at(0s)).decision;
    CHECK(passed.admitted);
    CHECK(passed.reason == Reason::kTableFull);
  }
}

TEST_CASE("chain: a refusal has no delay, whatever the others would have delayed") {
  Spec queue = bucket_spec(1, 3);
  queue.algorithm = "leaky_queue";
  Chain chain = chain_of({queue, bucket_spec(1, 1)});
  const std::array<std::uint64_t, 2> keys{1, 1};
  REQUIRE(chain.admit(keys, at(0s)).decision.admitted);
  std::array<Decision, 2> each{};
  const Decision refused = chain.admit(keys, at(0s), {1}, each).decision;
  CHECK(each[0].delay == 1s);
  CHECK_FALSE(refused.admitted);
  CHECK(refused.reason == Reason::kOverLimit);
  CHECK(refused.delay == 0s);
}

TEST_CASE("chain: the longest delay is the chain's") {
  Spec slow = bucket_spec(1, 3);
  slow.algorithm = "leaky_queue";
  Spec fast = bucket_spec(10, 9);
  fast.algorithm = "leaky_queue";
  Chain chain = chain_of({fast, slow, bucket_spec(100, 100)});
  const std::array<std::uint64_t, 3> keys{1, 1, 1};
  CHECK(chain.admit(keys, at(0s)).decision.delay == 0s);
  const Decision second = chain.admit(keys, at(0s)).decision;
  CHECK(second.delay == 1s);
  CHECK(second.reason == Reason::kDelayed);
}

TEST_CASE("chain: a refund gives back everywhere, a release places only") {
  Chain chain = chain_of({bucket_spec(1, 2), of_limit("concurrency", 1, {})});
  REQUIRE(chain.holds_places());
  const std::array<std::uint64_t, 2> keys{1, 1};
  REQUIRE(chain.admit(keys, at(0s)).decision.admitted);
  CHECK(chain.admit(keys, at(0s)).violated == 0b10);
  chain.refund(keys, at(0s));
  REQUIRE(chain.admit(keys, at(0s)).decision.admitted);
  chain.release(keys, at(0s));
  REQUIRE(chain.admit(keys, at(0s)).decision.admitted);
  chain.release(keys, at(0s));
  const ChainDecision spent = chain.admit(keys, at(0s));
  CHECK(spent.violated == 0b01);  // two tokens are gone, the place is free
  CHECK(chain.limiters()[1].peek(1, at(0s)).admitted);
  CHECK_FALSE(chain_of({bucket_spec(1, 2)}).holds_places());
}

TEST_CASE(
    "chain: threads at one instant are admitted exactly the tightest limit, and leak nothing") {
  Chain chain = chain_of({bucket_spec(1, 900), of_limit("fixed_window", 500, 60s),
                          bucket_spec(1, 700), of_limit("sliding_log", 600, 60s)},
                         Sharing::kMulti);
  const std::array<std::uint64_t, 4> keys{1, 2, 3, 4};
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 2'000; ++i) admitted += chain.admit(keys, at(1s)).decision.admitted;
      });
    }
  }
  CHECK(admitted == 500);
  CHECK(chain.limiters()[0].peek(1, at(1s), {400}).admitted);
  CHECK_FALSE(chain.limiters()[0].peek(1, at(1s), {401}).admitted);
  CHECK(chain.limiters()[2].peek(3, at(1s), {200}).admitted);
  CHECK_FALSE(chain.limiters()[2].peek(3, at(1s), {201}).admitted);
  CHECK(chain.limiters()[3].peek(4, at(1s), {100}).admitted);
  CHECK_FALSE(chain.limiters()[3].peek(4, at(1s), {101}).admitted);
}

TEST_CASE("chain: what it holds and what it asks in turn decide alike") {
  // The oracle peeks at all and then spends from all, call by call.
  const std::vector<Spec> specs{bucket_spec(50, 40), of_limit("fixed_window", 60, 1s),
                                of_limit("sliding_log", 70, 1s), of_limit("concurrency", 500, {})};
  const Sharing sharing = GENERATE(Sharing::kSingle, Sharing::kMulti);
  Chain chain = chain_of(specs, sharing);
  Chain oracle = chain_of(specs);
  Random random{7};
  TimePoint now = at(0s);
  std::array<int, 2> verdicts{};
  for (int i = 0; i < 50'000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(3'000'000))};
    std::array<std::uint64_t, 4> keys{};
    for (std::uint64_t& key : keys) key = mix64(random.below(5));
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(3))};
    std::array<Decision, 4> each{};
    const ChainDecision decided = chain.admit(keys, now, cost, each);
    bool admits = true;
    std::array<Decision, 4> expected{};
    for (std::size_t k = 0; k < keys.size(); ++k) {
      expected[k] = oracle.limiters()[k].peek(keys[k], now, cost);
      admits = admits && expected[k].admitted;
    }
    for (std::size_t k = 0; admits && k < keys.size(); ++k) {
      expected[k] = oracle.limiters()[k].admit(keys[k], now, cost);
    }
    REQUIRE(decided.decision.admitted == admits);
    ++verdicts[admits ? 1 : 0];
    for (std::size_t k = 0; k < keys.size(); ++k) {
      REQUIRE(each[k].remaining == expected[k].remaining);
      REQUIRE(each[k].retry_after == expected[k].retry_after);
      REQUIRE(each[k].reset_after == expected[k].reset_after);
    }
    if (admits) {  // the places of concurrency
      chain.release(keys, now, cost);
      oracle.limiters()[3].refund(keys[3], now, cost);
    }
  }
  CHECK(verdicts[0] > 5'000);
  CHECK(verdicts[1] > 5'000);
}

TEST_CASE("chain: who loses the race for the last place gets back all that it had spent") {
  Spec last = of_limit("concurrency", 1, {});
  last.key = {{.source = GENERATE(KeySource::kClientIp, KeySource::kGlobal), .header = {}}};
  // One for all cannot be held, and is in the middle of those that can.
  Chain chain = chain_of({bucket_spec(1, 1'000'000), of_limit("fixed_window", 1'000'000, 24h), last,
                          bucket_spec(1, 1'000'000)},
                         Sharing::kMulti);
  const std::array<std::uint64_t, 4> keys{1, 2, 3, 4};
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 50'000; ++i) {
          if (!chain.admit(keys, at(1s)).decision.admitted) continue;
          ++admitted;
          chain.refund(keys, at(1s));
        }
      });
    }
  }
  CHECK(admitted > 0);
  for (const std::size_t i : {0U, 1U, 3U}) {
    CHECK(chain.limiters()[i].peek(keys[i], at(1s), {1'000'000}).admitted);
  }
  CHECK(chain.limiters()[2].peek(keys[2], at(1s)).admitted);
}

/// What a limiter answers to a fixed stream of 120'000 decisions, folded to one number.
std::uint64_t fold(Spec spec, Sharing sharing) {
  spec.max_keys = 512;  // too few: stealing is part of what must agree
  Limiter limiter = make(spec, {.seed = 99, .sharing = sharing}).value();
  Random random{2026};
  TimePoint now = at(0s);
  std::uint64_t hash = 0;
  for (int i = 0; i < 120'000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(2'000'000))};
    const std::uint64_t key = mix64(1 + random.below(900));
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(4))};
    const Decision d = limiter.admit(key, now, cost);
    if (d.admitted && random.below(8) == 0) limiter.refund(key, now, cost);
    for (const std::int64_t part :
         {static_cast<std::int64_t>(d.reason), d.remaining.count, d.retry_after.count(),
          d.reset_after.count(), d.delay.count()}) {
      hash = combine64(hash, static_cast<std::uint64_t>(part));
    }
  }
  return hash;
}

TEST_CASE("limiters: a million decisions are the same with locks and without") {
  for (const CatalogEntry& entry : catalog()) {
    CAPTURE(entry.name);
    Spec spec;
    spec.algorithm = entry.name;
    for (const OptionInfo& option : entry.options) {
      if (option.name == "rate") spec.rate = make_rate(7, 1s);
      if (option.name == "burst") spec.burst = Tokens{5};
      if (option.name == "limit") spec.limit = Tokens{9};
      if (option.name == "window") spec.window = 700ms;
      if (option.name == "period") spec.period = Period::kDay;
      if (option.name == "delay") spec.delay = Tokens{2};
    }
    CHECK(fold(spec, Sharing::kSingle) == fold(spec, Sharing::kMulti));
  }
}

TEST_CASE("limiters: threads at one instant are some serial order") {
  for (const char* algorithm : {"fixed_window", "sliding_log", "sliding_counter"}) {
    CAPTURE(algorithm);
    Limiter limiter =
        make(of_limit(algorithm, 50, 60s), {.seed = 3, .sharing = Sharing::kMulti}).value();
    std::array<std::atomic<int>, 10> admitted{};
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          for (int i = 0; i < 2'000; ++i) {
            const auto caller = static_cast<std::size_t>(i % 10);
            admitted[caller] += limiter.admit(mix64(caller + 1), at(1s)).admitted;
          }
        });
      }
    }
    for (const auto& count : admitted) CHECK(count == 50);
  }
  // One word for all: tokens and places, given back as they are taken.
  for (const char* algorithm : {"concurrency"}) {
    Spec spec = of_limit(algorithm, 3, {});
    spec.key = {{.source = KeySource::kGlobal, .header = {}}};
    Limiter limiter = make(spec, {.sharing = Sharing::kMulti}).value();
    std::atomic<int> within = 0;
    std::atomic<int> most = 0;
    {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
          for (int i = 0; i < 5'000; ++i) {
            if (!limiter.admit(0, at(1s)).admitted) continue;
            const int now_within = ++within;
            int seen = most;
            while (now_within > seen && !most.compare_exchange_weak(seen, now_within)) {
            }
            --within;
            limiter.refund(0, at(1s));
          }
        });
      }
    }
    CHECK(most <= 3);
    CHECK(limiter.admit(0, at(1s), {3}).admitted);  // all places came back
  }
}

}  // namespace
}  // namespace headgate::ratelimit
