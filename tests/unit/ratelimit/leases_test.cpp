// The steps of leases, by hand.
#include "headgate/ratelimit/leases.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "leases_steps.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using Step = Leases::Step;

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

}  // namespace
}  // namespace headgate::ratelimit
