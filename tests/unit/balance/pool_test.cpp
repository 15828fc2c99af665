#include "headgate/balance/pool.hpp"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "support/time.hpp"
#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

std::vector<TargetInfo> first_ids(std::size_t count) {
  std::vector<TargetInfo> infos;
  for (std::uint64_t id = 1; id <= count; ++id) infos.push_back({.id = id});
  return infos;
}

Pool pool_of(std::size_t count, const Spec& spec = {.policy = "round_robin"}) {
  return Pool::make(spec, first_ids(count)).value();
}

/// The picks of so many calls at one instant, as letters; '-' for none. None of them is answered.
std::string letters(Pool& pool, TimePoint now, int calls) {
  Random random{51};
  std::string picks;
  for (int i = 0; i < calls; ++i) {
    const auto picked = pool.pick({.now = now}, random);
    picks += picked ? static_cast<char>('a' + *picked) : '-';
  }
  return picks;
}

std::size_t available(const Pool& pool) {
  return static_cast<std::size_t>(std::ranges::count(pool.targets(), true, &Target::available));
}

TEST_CASE("pool: a pick is in flight until it is done or given up") {
  Pool pool = pool_of(3);
  CHECK(letters(pool, at(0s), 7) == "abcabca");
  CHECK(pool.targets()[0].in_flight == 3);
  pool.done(0, {.latency = 1ms}, at(1s));
  pool.release(0);
  CHECK(pool.targets()[0].in_flight == 1);
  CHECK(pool.targets()[1].in_flight == 2);
}

TEST_CASE("pool: what does not stand around a policy leaves its picks as they are") {
  for (const CatalogEntry& entry : catalog()) {
    CAPTURE(entry.name);
    const auto infos = first_ids(7);
    Pool pool = Pool::make({.policy = std::string{entry.name}}, infos).value();
    Balancer bare = make({.policy = std::string{entry.name}}).value();
    bare.rebuild(infos);
    std::vector<Target> targets(7);
    Random random{52};
    Random same{52};
    std::deque<std::size_t> under_way;
    for (int i = 0; i < 2000; ++i) {
      const Call call{.now = at(i * 1ms),
                      .key = static_cast<std::uint64_t>(i % 50) * 0x9e3779b97f4a7c15U};
      const auto picked = pool.pick(call, random);
      REQUIRE(picked == bare.pick(targets, call, same));
      ++targets[*picked].in_flight;
      under_way.push_back(*picked);
      if (under_way.size() < 10) continue;
      const Outcome outcome{.latency = (under_way.front() + 1) * 1ms, .failed = i % 31 == 0};
      pool.done(under_way.front(), outcome, call.now);
      --targets[under_way.front()].in_flight;
      bare.done(under_way.front(), outcome, call.now);
      under_way.pop_front();
    }
  }
}

TEST_CASE("pool: two targets of one id, and weights out of range, are refused") {
  const auto twice = Pool::make({}, named({7, 8, 7}));
  REQUIRE_FALSE(twice);
  CHECK(twice.error().where == "targets");
  CHECK(twice.error().why == "targets 0 and 2 have the same name");
  const auto zero = Pool::make({}, weighted({1, 0}));
  REQUIRE_FALSE(zero);
  CHECK(zero.error().why == "the weight of target 1 must be 1 to 1M");
  CHECK(Pool::make({}, weighted({1, 1'000'000})));
  CHECK_FALSE(Pool::make({}, weighted({1'000'001, 1})));
  CHECK_FALSE(Pool::make({.policy = "no_such"}, weighted({1})));
}

// --- health, ejection, panic ---------------------------------------------------------------------

TEST_CASE("pool: an unhealthy target is passed over until it is healthy again") {
  Pool pool = pool_of(3);
  pool.set_healthy(1, false, at(1s));
  CHECK_FALSE(pool.is_up(1));
  CHECK(letters(pool, at(1s), 4) == "acac");
  pool.set_healthy(1, true, at(2s));
  CHECK(letters(pool, at(2s), 3) == "abc");
  for (std::size_t i = 0; i < 3; ++i) pool.set_healthy(i, false, at(3s));
  CHECK(letters(pool, at(3s), 2) == "--");
}

TEST_CASE("pool: an ejected target is back at its time, not a nanosecond before") {
  Pool pool = pool_of(2);
  pool.eject(0, at(10s), at(1s));
  CHECK(letters(pool, at(1s), 2) == "bb");
  CHECK(letters(pool, at(10s - 1ns), 2) == "bb");
  CHECK(letters(pool, at(10s), 2) == "ab");
}

TEST_CASE("pool: each ejection ends for itself, and a later one moves the end") {
  Pool pool = pool_of(3);
  pool.eject(0, at(10s), at(1s));
  pool.eject(1, at(5s), at(1s));
  CHECK(letters(pool, at(4s), 2) == "cc");
  CHECK(letters(pool, at(5s), 2) == "bc");
  pool.eject(0, at(20s), at(6s));
  CHECK(letters(pool, at(10s), 2) == "bc");
  CHECK(letters(pool, at(20s), 3) == "abc");
  pool.eject(0, at(15s), at(20s));  // an end in the past is none
  CHECK(pool.is_up(0));
  pool.eject(0, at(20s), at(20s));
  CHECK(pool.is_up(0));
}

TEST_CASE("pool: an ejection ends early, and does not end what the health checks say") {
  Pool pool = pool_of(2);
  pool.eject(0, TimePoint::max(), at(1s));
  CHECK(letters(pool, at(100h), 2) == "bb");
  pool.set_healthy(0, false, at(100h));
  pool.uneject(0, at(101h));
  CHECK(letters(pool, at(101h), 2) == "bb");
  pool.set_healthy(0, true, at(102h));
  CHECK(letters(pool, at(102h), 2) == "ab");
  pool.uneject(0, at(103h));
  CHECK(pool.is_up(0));
}

TEST_CASE("pool: panic starts below its share, not at it") {
  // 50 % of 4: with two up there is none, with one there is.
  Pool pool = pool_of(4, {.policy = "round_robin", .panic = Share{0.5}});
  pool.set_healthy(0, false, at(1s));
  pool.set_healthy(1, false, at(1s));
  CHECK_FALSE(pool.in_panic());
  CHECK(available(pool) == 2);
  pool.eject(2, at(9s), at(1s));
  CHECK(pool.in_panic());
  CHECK(available(pool) == 4);
  CHECK_FALSE(pool.is_up(0));
  CHECK(letters(pool, at(8s), 4) == "abcd");
  CHECK(letters(pool, at(9s), 4) == "cdcd");
  CHECK_FALSE(pool.in_panic());
}

TEST_CASE("pool: a third is a third of three, and all of them may be asked for") {
  // 33.3333 % of 3 is less than one target; 34 % is more.
  for (const auto& [share, panics] :
       {std::pair{0.333333, false}, std::pair{0.34, true}, std::pair{1.0, true}}) {
    Pool pool = pool_of(3, {.policy = "round_robin", .panic = Share{share}});
    pool.set_healthy(0, false, at(1s));
    CHECK(pool.in_panic() == (share == 1.0));
    pool.set_healthy(1, false, at(1s));
    CHECK(pool.in_panic() == panics);
  }
  Pool pool = pool_of(3, {.policy = "round_robin", .panic = Share{0}});
  for (std::size_t i = 0; i < 3; ++i) pool.set_healthy(i, false, at(1s));
  CHECK_FALSE(pool.in_panic());
}

// --- slow start ----------------------------------------------------------------------------------

/// How many of many calls at one instant each target gets, each answered at once.
std::vector<int> shares(Pool& pool, TimePoint now, int calls) {
  Random random{53};
  std::vector<int> counts(pool.targets().size());
  for (int i = 0; i < calls; ++i) {
    const std::size_t picked = pool.pick({.now = now}, random).value();
    ++counts[picked];
    pool.release(picked);
  }
  return counts;
}

TEST_CASE("pool: a target that recovers gets its share little by little") {
  // Random over 4: 10 000 of 40 000 each. At a quarter of the window the target takes a quarter of
  // its picks; what it does not take falls on the three others alike.
  Pool pool = pool_of(4, {.policy = "random", .slow_start = {.window = 40s}});
  CHECK(shares(pool, at(1s), 40'000)[0] == Approx(10'000).margin(350));  // 4 sigma of 87
  pool.set_healthy(0, false, at(2s));
  CHECK(shares(pool, at(3s), 1000)[0] == 0);
  pool.set_healthy(0, true, at(10s));
  CHECK(shares(pool, at(10s), 40'000)[0] == Approx(1'000).margin(126));  // the least share
  const auto quarter = shares(pool, at(20s), 40'000);
  CHECK(quarter[0] == Approx(2'500).margin(200));
  for (std::size_t i = 1; i < 4; ++i) CHECK(quarter[i] == Approx(12'500).margin(370));
  CHECK(shares(pool, at(30s), 40'000)[0] == Approx(5'000).margin(265));
  CHECK(shares(pool, at(50s), 40'000)[0] == Approx(10'000).margin(350));
}

TEST_CASE("pool: an ejection that ends by the clock warms up from its end on") {
  Pool pool = pool_of(2, {.policy = "random", .slow_start = {.window = 40s}});
  pool.eject(0, at(10s), at(1s));
  // First asked at 30 s: half of the window has passed; it takes half of its half.
  CHECK(shares(pool, at(30s), 40'000)[0] == Approx(10'000).margin(350));
  pool.eject(1, at(100s), at(60s));
  pool.uneject(1, at(70s));
  CHECK(shares(pool, at(90s), 40'000)[1] == Approx(10'000).margin(350));
  pool.uneject(0, at(100s));  // it was not ejected: nothing begins anew
  CHECK(shares(pool, at(110s), 40'000)[0] == Approx(20'000).margin(400));
}

TEST_CASE("pool: targets that all warm up share as if none did") {
  Pool pool = pool_of(2, {.policy = "round_robin", .slow_start = {.window = 40s}});
  for (std::size_t i = 0; i < 2; ++i) {
    pool.set_healthy(i, false, at(1s));
    pool.set_healthy(i, true, at(2s));
  }
  const auto counts = shares(pool, at(3s), 10'000);
  CHECK(counts[0] == Approx(5'000).margin(400));
  CHECK(available(pool) == 2);
}

TEST_CASE("pool: a slow start that is over stays over when time goes back") {
  Pool pool = pool_of(4, {.policy = "random", .slow_start = {.window = 40s}});
  pool.set_healthy(0, false, at(1s));
  pool.set_healthy(0, true, at(10s));
  CHECK(shares(pool, at(50s), 40'000)[0] == Approx(10'000).margin(350));
  pool.set_healthy(3, false, at(20s));  // a late word: 20 s after 50 s
  CHECK(shares(pool, at(20s), 30'000)[0] == Approx(10'000).margin(327));  // 4 sigma of 82
}

TEST_CASE("pool: the targets of the start do not warm up, one that joins does") {
  Pool pool = pool_of(1, {.policy = "random", .slow_start = {.window = 40s, .min = Share{0}}});
  REQUIRE(pool.set_targets(first_ids(2), at(0s)));
  CHECK(shares(pool, at(0s), 1000) == std::vector<int>{1000, 0});
  CHECK(shares(pool, at(20s), 40'000)[1] == Approx(10'000).margin(350));
}

// --- changes of the list -------------------------------------------------------------------------

TEST_CASE("pool: what is known of a target stays with its id") {
  Pool pool = pool_of(3);
  CHECK(letters(pool, at(0s), 5) == "abcab");  // in flight 2 2 1
  pool.set_healthy(1, false, at(1s));
  pool.eject(2, at(50s), at(1s));
  REQUIRE(pool.set_targets(named({3, 9, 2}), at(2s)));  // 1 leaves, 9 joins
  CHECK(pool.index_of(1) == std::nullopt);
  CHECK(pool.index_of(9) == 1U);
  CHECK(pool.targets()[pool.index_of(3).value()].in_flight == 1);
  CHECK(pool.targets()[pool.index_of(2).value()].in_flight == 2);
  CHECK(pool.targets()[1].in_flight == 0);
  CHECK(pool.is_up(1));
  CHECK_FALSE(pool.is_up(0));
  CHECK_FALSE(pool.is_up(2));
  CHECK(letters(pool, at(3s), 2) == "bb");
  pool.done(2, {.latency = 1ms}, at(4s));
  CHECK(pool.targets()[2].in_flight == 1);
  CHECK(letters(pool, at(50s), 4).find('a') != std::string::npos);
}

TEST_CASE("pool: a list that cannot be changes nothing") {
  Pool pool = pool_of(2);
  const auto refused = pool.set_targets(named({5, 5}), at(1s));
  REQUIRE_FALSE(refused);
  CHECK(pool.infos().size() == 2);
  CHECK(letters(pool, at(1s), 2) == "ab");
  REQUIRE(pool.set_targets({}, at(2s)));
  CHECK(letters(pool, at(2s), 1) == "-");
}

// --- sticky --------------------------------------------------------------------------------------

TEST_CASE("pool: a caller that asks for a target gets it while it is available") {
  Pool pool = pool_of(3);
  Random random{54};
  const auto ask = [&](std::uint64_t id) {
    return pool.pick({.now = at(1s), .sticky = id}, random);
  };
  for (int i = 0; i < 5; ++i) CHECK(ask(3) == 2U);
  CHECK(pool.targets()[2].in_flight == 5);
  CHECK(ask(77) == 0U);  // nobody's id: the policy's turn
  pool.set_healthy(2, false, at(1s));
  CHECK(ask(3) == 1U);
  CHECK(ask(3) == 0U);
  pool.set_healthy(2, true, at(1s));
  CHECK(ask(3) == 2U);
}

// --- stale information ---------------------------------------------------------------------------

TEST_CASE("pool: with stale counts all run to the target that was idle at the last look") {
  Pool pool = pool_of(2, {.policy = "least_requests", .stale = 100ms});
  pool.eject(1, at(50ms), at(0ms));
  CHECK(letters(pool, at(0ms), 4) == "aaaa");
  // At 100 ms four and none are seen, and stay so however many go to the second.
  CHECK(letters(pool, at(100ms), 10) == "bbbbbbbbbb");
  CHECK(letters(pool, at(200ms - 1ns), 10) == "bbbbbbbbbb");
  // At 200 ms four and twenty are seen.
  CHECK(letters(pool, at(200ms), 30) == std::string(30, 'a'));
  CHECK(letters(pool, at(300ms), 3) == "bbb");
  CHECK(pool.targets()[0].in_flight == 34);
}

TEST_CASE("pool: availability is never stale") {
  Pool pool = pool_of(2, {.policy = "least_requests", .stale = 100ms});
  CHECK(letters(pool, at(0s), 1).size() == 1);
  pool.set_healthy(0, false, at(1ms));
  CHECK(letters(pool, at(1ms), 5) == "bbbbb");
  pool.set_healthy(0, true, at(2ms));
  pool.set_healthy(1, false, at(2ms));
  CHECK(letters(pool, at(3ms), 5) == "aaaaa");
}

}  // namespace
}  // namespace headgate::balance
