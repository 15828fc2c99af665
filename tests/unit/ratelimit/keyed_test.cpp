#include "headgate/ratelimit/keyed.hpp"

#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <map>
#include <thread>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/ratelimit/fixed_window.hpp"
#include "headgate/ratelimit/match.hpp"
#include "headgate/ratelimit/token_bucket.hpp"
#include "support/time.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

TokenBucket keyed_bucket(std::int64_t per_second, std::int64_t burst) {
  return TokenBucket::make({.rate = {.count = per_second, .per = 1s}, .burst = {burst}}).value();
}

/// Keys as the gateway makes them: hashes of small numbers.
std::uint64_t key(std::uint64_t number) { return mix64(number + 0x9e3779b97f4a7c15U); }

void check_same(const Decision& decision, const Decision& expected) {
  REQUIRE(decision.admitted == expected.admitted);
  REQUIRE(decision.reason == expected.reason);
  REQUIRE(decision.remaining == expected.remaining);
  REQUIRE(decision.retry_after == expected.retry_after);
  REQUIRE(decision.reset_after == expected.reset_after);
}

TEST_CASE("keyed: callers do not spend each other's tokens") {
  Keyed<TokenBucket> table{keyed_bucket(1, 2), {.max_keys = 100}};
  CHECK(table.admit(key(1), at(0s)).remaining == Tokens{1});
  CHECK(table.admit(key(2), at(0s)).remaining == Tokens{1});
  CHECK(table.admit(key(1), at(0s)).remaining == Tokens{0});
  CHECK_FALSE(table.admit(key(1), at(0s)).admitted);
  CHECK(table.admit(key(2), at(0s)).admitted);
  CHECK(table.counters(at(0s)).live == 2);
  CHECK(table.counters(at(2s)).live == 0);  // both are full again
}

TEST_CASE("keyed: with room for all, each caller is answered as by a limiter of its own") {
  // The oracle is one state for each key in a std::map, never forgotten.
  const TokenBucket policy = keyed_bucket(7, 3);
  Keyed<TokenBucket> table{policy, {.max_keys = 4'096}};
  std::map<std::uint64_t, TokenBucket::State> oracle;
  Random random{11};
  TimePoint now = at(0s);
  for (int i = 0; i < 200'000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(400'000))};
    const std::uint64_t caller = key(random.below(2'000));
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(4))};  // 4 can never pass
    check_same(table.admit(caller, now, cost), policy.admit(oracle[caller], now, cost));
  }
  CHECK(table.counters(now).steals == 0);
}

/// The table of at most eight keys, as its contract says it: every key may have every slot.
class FullOracle {
 public:
  FullOracle(const TokenBucket& policy, std::size_t max_keys, Overflow overflow)
      : policy_(policy), max_keys_(max_keys), overflow_(overflow) {}

  Decision admit(std::uint64_t caller, TimePoint now, Tokens cost) {
    std::erase_if(live_, [&](const auto& entry) { return policy_.is_fresh(entry.second, now); });
    if (live_.contains(caller)) return policy_.admit(live_[caller], now, cost);
    TokenBucket::State state{};
    Decision decision = policy_.admit(state, now, cost);
    if (!decision.admitted) return decision;
    if (live_.size() == max_keys_) {
      const auto oldest = std::ranges::min_element(
          live_, {}, [&](const auto& entry) { return policy_.fresh_at(entry.second); });
      const Duration wait = policy_.fresh_at(oldest->second) - now;
      if (overflow_ == Overflow::kAdmit) {
        decision.reason = Reason::kTableFull;
        return decision;
      }
      if (overflow_ == Overflow::kRefuse) return {false, Reason::kTableFull, {0}, wait, wait, 0ns};
      live_.erase(oldest);
      ++steals_;
    }
    live_[caller] = state;
    return decision;
  }
  std::size_t live(TimePoint now) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        live_, [&](const auto& entry) { return !policy_.is_fresh(entry.second, now); }));
  }
  std::uint64_t steals() const { return steals_; }

 private:
  TokenBucket policy_;
  std::size_t max_keys_;
  Overflow overflow_;
  std::map<std::uint64_t, TokenBucket::State> live_;
  std::uint64_t steals_ = 0;
};

TEST_CASE("keyed: at its bound it does what the overflow rule says, and counts it") {
  const auto overflow = GENERATE(Overflow::kStealOldest, Overflow::kAdmit, Overflow::kRefuse);
  const auto max_keys = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{5}, std::size_t{8});
  CAPTURE(overflow, max_keys);
  const TokenBucket policy = keyed_bucket(10, 3);
  Keyed<TokenBucket> table{policy, {.max_keys = max_keys, .overflow = overflow}};
  FullOracle oracle{policy, max_keys, overflow};
  Random random{3};
  TimePoint now = at(0s);
  std::uint64_t overflow_admits = 0;
  std::uint64_t overflow_refusals = 0;
  for (int i = 0; i < 20'000; ++i) {
    // Never the same time twice: two slots equally old would leave the choice open.
    now += Duration{1 + static_cast<std::int64_t>(random.below(60'000'000))};
    const std::uint64_t caller = key(random.below(12));
    const Tokens cost{1 + static_cast<std::int64_t>(random.below(4))};
    const Decision expected = oracle.admit(caller, now, cost);
    check_same(table.peek(caller, now, cost), expected);
    check_same(table.admit(caller, now, cost), expected);
    const bool overflowed = expected.reason == Reason::kTableFull;
    overflow_admits += overflowed && expected.admitted ? 1U : 0U;
    overflow_refusals += overflowed && !expected.admitted ? 1U : 0U;
    REQUIRE(table.counters(now).live == oracle.live(now));
  }
  const TableCounters counters = table.counters(now);
  CHECK(counters.capacity == max_keys);
  CHECK(counters.steals == oracle.steals());
  CHECK(counters.overflow_admits == overflow_admits);
  CHECK(counters.overflow_refusals == overflow_refusals);
  CHECK((overflow == Overflow::kStealOldest) == (counters.steals > 0));
  CHECK((overflow == Overflow::kAdmit) == (overflow_admits > 0));
  CHECK((overflow == Overflow::kRefuse) == (overflow_refusals > 0));
}

TEST_CASE("keyed: a refusal for want of room ends exactly when it says") {
  Keyed<TokenBucket> table{keyed_bucket(1, 1), {.max_keys = 1, .overflow = Overflow::kRefuse}};
  REQUIRE(table.admit(key(1), at(0s)).admitted);
  const Decision refused = table.admit(key(2), at(250ms));
  CHECK(refused.reason == Reason::kTableFull);
  CHECK(refused.retry_after == 750ms);
  CHECK_FALSE(table.admit(key(2), at(1s - 1ns)).admitted);
  CHECK(table.admit(key(2), at(1s)).admitted);
}

TEST_CASE("keyed: a table of three has three slots for a caller whose hash is zero too") {
  // The rest of its set of eight holds zeros as well.
  Keyed<TokenBucket> table{keyed_bucket(1, 2), {.max_keys = 3, .overflow = Overflow::kRefuse}};
  for (const std::uint64_t caller : {1U, 2U, 3U}) CHECK(table.admit(key(caller), at(0s)).admitted);
  CHECK(table.peek(0, at(0s)).reason == Reason::kTableFull);
  CHECK(table.admit(0, at(0s)).reason == Reason::kTableFull);
  CHECK(table.hold(0, at(0s), {1}) == kNotHeld);
  CHECK(table.admit(0, at(1s)).admitted);
  CHECK(table.admit(0, at(1s)).remaining == Tokens{0});
}

TEST_CASE("keyed: who is held is admitted as it would be at once, and nobody waits") {
  for (const Sharing sharing : {Sharing::kSingle, Sharing::kMulti}) {
    Keyed<TokenBucket> table{keyed_bucket(1, 4), {.max_keys = 100, .sharing = sharing}};
    CHECK(table.hold(key(1), at(0s), {1}) == kNotHeld);  // not known yet
    static_cast<void>(table.admit(key(1), at(0s)));
    static_cast<void>(table.admit(key(2), at(0s)));
    const std::size_t one = table.hold(key(1), at(0s), {3});
    REQUIRE(one != kNotHeld);
    // A hundred slots are one shard.
    const std::size_t two = table.hold(key(2), at(0s), {1});
    CHECK((two == kNotHeld) == (sharing == Sharing::kMulti));
    if (two != kNotHeld) table.release(key(2));
    check_same(table.commit(key(1), one, at(0s), {3}), {.admitted = true,
                                                        .reason = Reason::kAdmitted,
                                                        .remaining = {0},
                                                        .retry_after = 0s,
                                                        .reset_after = 4s});
    CHECK(table.hold(key(1), at(0s), {1}) == kNotHeld);  // it would be refused
    CHECK(table.hold(key(2), at(0s), {3}) != kNotHeld);
    table.release(key(2));
    CHECK(table.peek(key(2), at(0s)).remaining == Tokens{2});  // nothing was spent
    CHECK(table.hold(key(1), at(4s), {4}) != kNotHeld);        // fresh, and its slot still there
    table.release(key(1));
  }
}

TEST_CASE("match: of sixteen keys those with the same lower half, in either set") {
  Random random{3};
  for (int i = 0; i < 10'000; ++i) {
    alignas(64) EightKeys a{};
    alignas(64) EightKeys b{};
    const std::uint64_t wanted = random.bits();
    std::uint32_t expected = 0;
    for (std::size_t way = 0; way < a.size(); ++way) {
      for (EightKeys* const keys : {&a, &b}) {
        std::uint64_t& each = (*keys)[way];
        each = random.bits();
        const std::uint64_t kind = random.below(4);
        if (kind == 0) each = wanted;
        if (kind == 1) each = (wanted << 32) | (each >> 32);  // the halves changed places
        if (kind == 2) each = (each << 32) | (wanted & 0xffffffff);
        if ((each & 0xffffffff) == (wanted & 0xffffffff)) {
          expected |= 1U << (way + (keys == &a ? 0 : a.size()));
        }
      }
    }
    REQUIRE(alike_of_sixteen(a, b, wanted) == expected);
  }
}

TEST_CASE("keyed: a request that can never pass takes no slot from anyone") {
  Keyed<TokenBucket> table{keyed_bucket(1, 1), {.max_keys = 1}};
  REQUIRE(table.admit(key(1), at(0s)).admitted);
  CHECK(table.admit(key(2), at(0s), {2}).reason == Reason::kNever);
  CHECK(table.counters(at(0s)).steals == 0);
  CHECK_FALSE(table.admit(key(1), at(0s)).admitted);  // still remembered
}

TEST_CASE("keyed: of the two sets of a caller without room it is the slot that is free first") {
  // Two sets, full, with callers that end a millisecond after each other. Half of all new callers
  // have a home in each set, a quarter both in the one whose slot is free first.
  Keyed<TokenBucket> table{keyed_bucket(1, 2), {.max_keys = 16, .overflow = Overflow::kRefuse}};
  for (std::uint64_t caller = 0; table.counters(at(0s)).live < 16; ++caller) {
    const Duration since{Duration{1ms} * table.counters(at(0s)).live};
    static_cast<void>(table.admit(key(caller), at(since)));
  }
  int first = 0;
  for (std::uint64_t caller = 1'000; caller < 2'000; ++caller) {
    const Decision decision = table.peek(key(caller), at(20ms));
    REQUIRE(decision.reason == Reason::kTableFull);
    if (decision.retry_after == 980ms) ++first;
  }
  CHECK(first > 650);
  CHECK(first < 850);
}

TEST_CASE("keyed: seven in ten slots are taken before the first caller finds no room") {
  // Distinct callers, none of which becomes fresh. Two choices among n sets leave the fullest about
  // log2(log2 n) above the mean (Azar et al.), which is 2 to 3 of its 8 slots at these sizes.
  const auto max_keys = GENERATE(std::size_t{1'000}, std::size_t{65'536}, std::size_t{300'007});
  CAPTURE(max_keys);
  Keyed<TokenBucket> table{keyed_bucket(1, 1'000), {.max_keys = max_keys}};
  for (std::uint64_t caller = 0; caller < max_keys * 7 / 10; ++caller) {
    if (!table.admit(key(caller), at(0s)).admitted) FAIL("a new caller is within its limit");
  }
  CHECK(table.counters(at(0s)).steals == 0);
  CHECK(table.counters(at(0s)).live == max_keys * 7 / 10);
  for (std::uint64_t caller = 0; caller < max_keys * 5; ++caller) {
    static_cast<void>(table.admit(key(caller), at(0s)));
  }
  CHECK(table.counters(at(0s)).live <= max_keys);
  CHECK(table.counters(at(0s)).live > max_keys * 98 / 100);
}

std::size_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

TEST_CASE("keyed: callers that come and go find room as well, in the emptier of their sets") {
  // Each stays for a second, and 55 in 100 slots are taken all the time.
  constexpr std::int64_t kSlots = 4'096;
  Keyed<TokenBucket> table{keyed_bucket(1, 1), {.max_keys = kSlots}};
  const Duration between{100 * Duration{1s} / (55 * kSlots)};
  TimePoint now = at(0s);
  for (std::uint64_t caller = 0; caller < 100'000; ++caller) {
    REQUIRE(table.admit(key(caller), now += between).admitted);
  }
  CHECK(table.counters(now).live >= kSlots * 55 / 100);
  CHECK(table.counters(now).steals == 0);
}

TEST_CASE("keyed: a million distinct callers do not make it grow") {
  Keyed<FixedWindow> table{FixedWindow::make({.limit = {5}, .window = 1s}).value(),
                           {.max_keys = 10'000}};
  const std::size_t before = resident_bytes();
  TimePoint now = at(0s);
  for (std::uint64_t caller = 0; caller < 1'000'000; ++caller) {
    now += 1us;  // all within one window: none becomes fresh
    if (!table.admit(key(caller), now).admitted) FAIL("a new caller is within its limit");
  }
  const TableCounters counters = table.counters(now - 1ns);
  CHECK(counters.live <= 10'000);
  CHECK(counters.live > 9'990);
  // At the millionth microsecond the window ends and one caller finds a free slot.
  CHECK(counters.steals >= 1'000'000 - 10'000 - 1);
  CHECK(resident_bytes() < before + 1'000'000);
}

TEST_CASE("keyed: threads with callers of their own are each answered as if they were alone") {
  // Their callers share shards, locks and sets; the oracle is a state for each caller. Threads are
  // not at the same time, so a token takes a minute: nobody's slot is free to one who is ahead.
  const TokenBucket policy = TokenBucket::make({.rate = make_rate(1, 60s), .burst = {3}}).value();
  Keyed<TokenBucket> table{policy, {.max_keys = 20'000, .sharing = Sharing::kMulti}};
  std::atomic<int> differing = 0;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        std::map<std::uint64_t, TokenBucket::State> oracle;
        Random random{thread};
        TimePoint now = at(0s);
        for (int i = 0; i < 20'000; ++i) {
          now += Duration{static_cast<std::int64_t>(random.below(400'000))};
          const std::uint64_t caller = key(4 * random.below(500) + thread);
          const Decision expected = policy.admit(oracle[caller], now, {1});
          const Decision decision = table.admit(caller, now);
          if (decision.admitted != expected.admitted || decision.remaining != expected.remaining ||
              decision.retry_after != expected.retry_after) {
            ++differing;
          }
        }
      });
    }
  }
  CHECK(differing == 0);
  CHECK(table.counters(at(0s)).steals == 0);
}

TEST_CASE("keyed: threads that flood a full table lose no steal and no caller from the count") {
  const auto overflow = GENERATE(Overflow::kStealOldest, Overflow::kAdmit, Overflow::kRefuse);
  CAPTURE(overflow);
  Keyed<TokenBucket> table{keyed_bucket(1, 10),
                           {.max_keys = 10'000, .overflow = overflow, .sharing = Sharing::kMulti}};
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::uint64_t i = 0; i < 10'000; ++i) {
          static_cast<void>(table.admit(key(thread * 10'000 + i), at(1s)));
        }
      });
    }
  }
  // Each of the 40'000 either is there, or has made room for another, or found none.
  const TableCounters counters = table.counters(at(1s));
  CHECK(counters.live + counters.steals + counters.overflow_admits + counters.overflow_refusals ==
        40'000);
  CHECK(counters.live > 9'500);
  CHECK(counters.live <= 10'000);
}

TEST_CASE("keyed: the memory of a slot is 16 bytes, or 24 where a state has two words") {
  CHECK(sizeof(TokenBucket::State) == 8);
  CHECK(sizeof(FixedWindow::State) == 16);
}

}  // namespace
}  // namespace headgate::ratelimit
