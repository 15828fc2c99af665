#include "headgate/resilience/guard.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <utility>
#include <vector>

namespace headgate::resilience {
namespace {

using namespace std::chrono_literals;

constexpr AttemptEnd kGoodEnd{.latency = 1ms};
constexpr AttemptEnd kBadEnd{.latency = 1ms, .failed = true};
constexpr AttemptEnd kShed{.latency = 1ms, .failed = true, .refused = true};

void nobody(std::size_t /*target*/, TimePoint /*until*/) { FAIL("nobody is ejected"); }

Guard make_guard(const Guard::Config& config, std::size_t targets = 1) {
  auto made = Guard::make(config, targets, 1);
  REQUIRE(made);
  return *std::move(made);
}

/// Which rule refuses an attempt; nothing if none does.
std::optional<Guard::Rule> refusal(Guard& guard, TimePoint now = {}) {
  auto pass = guard.admit(now);
  if (!pass) return pass.error().rule;
  guard.abandon(*std::move(pass));
  return std::nullopt;
}

TEST_CASE("guard: without rules everything passes and nothing is retried") {
  Guard guard = make_guard({});
  RetryState state;
  for (int i = 0; i < 100; ++i) {
    auto pass = guard.admit({});
    REQUIRE(pass);
    guard.settle(*std::move(pass), 0, kShed, {}, nobody);
  }
  CHECK_FALSE(guard.retry({.kind = Fault::Kind::kConnectFailure}, true, state, {}));
}

TEST_CASE("guard: the breaker learns from failures, and says when to come back") {
  Guard::Config config;
  config.breaker = Breaker::Config{.consecutive_failures = 2, .open_for = 7s};
  Guard guard = make_guard(config);
  for (int i = 0; i < 2; ++i) guard.settle(guard.admit({}).value(), 0, kBadEnd, {}, nobody);
  const auto refused = guard.admit(TimePoint{3s});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().rule == Guard::Rule::kBreaker);
  CHECK(refused.error().retry_after == 4s);
  CHECK(guard.figures().breaker == Breaker::State::kOpen);
  CHECK(guard.figures().breaker_trips == 1);
}

TEST_CASE("guard: a probe that another rule refuses, or that is given up, leaves its place free") {
  Guard::Config config;
  config.breaker = Breaker::Config{.consecutive_failures = 1, .open_for = 1s};
  config.concurrency = FixedLimit{1};
  Guard guard = make_guard(config);
  auto holding = guard.admit({}).value();
  holding.breaker = {};
  guard.settle({.breaker = Breaker::Permit{}, .place = {}}, 0, kBadEnd, {}, nobody);
  CHECK(refusal(guard) == Guard::Rule::kConcurrency);
  guard.abandon(std::move(holding));
  guard.settle(guard.admit({}).value(), 0, kBadEnd, {}, nobody);
  REQUIRE(refusal(guard) == Guard::Rule::kBreaker);
  auto probe = guard.admit(TimePoint{1s}).value();
  CHECK(refusal(guard, TimePoint{1s}) == Guard::Rule::kBreaker);
  guard.abandon(std::move(probe));
  CHECK(refusal(guard, TimePoint{1s}) == std::nullopt);
  guard.settle(guard.admit(TimePoint{1s}).value(), 0, kGoodEnd, TimePoint{1s}, nobody);
  CHECK(guard.figures().breaker == Breaker::State::kClosed);
}

TEST_CASE("guard: the place of an attempt is free when it ends, however it ends") {
  Guard::Config config;
  config.concurrency = FixedLimit{1};
  Guard guard = make_guard(config);
  auto first = guard.admit({}).value();
  CHECK(refusal(guard) == Guard::Rule::kConcurrency);
  guard.settle(std::move(first), 0, kGoodEnd, {}, nobody);
  auto second = guard.admit({}).value();
  CHECK(refusal(guard) == Guard::Rule::kConcurrency);
  guard.abandon(std::move(second));
  CHECK(refusal(guard) == std::nullopt);
  CHECK(guard.figures().concurrency_limit == 1U);
}

TEST_CASE("guard: only what the service refused shrinks the limit and counts against it") {
  Guard::Config config;
  config.concurrency = Aimd::Config{.range = {.initial = 100, .min = 1, .max = 200}};
  config.throttle = ClientThrottle::Config{.k = 2, .window = 10s, .min_requests = 1};
  Guard guard = make_guard(config);
  for (int i = 0; i < 50; ++i) {  // a 500 is a bad answer, but an answer
    guard.settle(guard.admit({}).value(), 0, kBadEnd, {}, nobody);
  }
  CHECK(guard.figures().concurrency_limit == 100U);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    auto pass = guard.admit({});
    if (pass) {
      guard.settle(*std::move(pass), 0, kShed, {}, nobody);
    } else {
      CHECK(pass.error().rule == Guard::Rule::kThrottle);
      CHECK(pass.error().retry_after > 0s);
      ++refused;
    }
  }
  CHECK(guard.figures().concurrency_limit == 1U);
  CHECK(refused > 1500);  // of 2050 about 2 * 50 and a few are sent
}

TEST_CASE("guard: who is ejected is told with the time, at each change and only then") {
  Guard::Config config;
  config.outlier = Outlier::Config{.consecutive_failures = 2, .base_time = 3s};
  Guard guard = make_guard(config, 3);
  std::vector<std::pair<std::size_t, TimePoint>> told;
  const auto settle = [&](std::size_t target, const AttemptEnd& end, TimePoint now) {
    told.clear();
    guard.settle({}, target, end, now,
                 [&](std::size_t out, TimePoint until) { told.emplace_back(out, until); });
    return told.size();
  };
  CHECK(settle(1, kBadEnd, TimePoint{1s}) == 0);
  REQUIRE(settle(1, kBadEnd, TimePoint{1s}) == 1);
  CHECK(told[0] == std::pair{std::size_t{1}, TimePoint{4s}});
  CHECK(guard.figures().ejected == 1);
  CHECK(settle(0, kGoodEnd, TimePoint{2s}) == 0);
  CHECK(settle(0, kGoodEnd, TimePoint{4s}) == 0);  // it is back
  CHECK(guard.figures().ejected == 0);
  // Judged anew, it is out for twice as long.
  CHECK(settle(1, kBadEnd, TimePoint{4s}) == 0);
  REQUIRE(settle(1, kBadEnd, TimePoint{4s}) == 1);
  CHECK(told[0] == std::pair{std::size_t{1}, TimePoint{10s}});
  CHECK(guard.figures().ejections == 2);
}

TEST_CASE("guard: retries follow the policy, from a budget that the requests fill") {
  Guard::Config config;
  config.retry = RetryPolicy::Config{
      .attempts = 1, .budget = PercentBudget::Config{.share = Share{0.5}, .min_per_second = 0}};
  Guard guard = make_guard(config);
  const auto retried = [&](Fault::Kind kind, bool repeatable) {
    RetryState state;
    return guard.retry({.kind = kind}, repeatable, state, {}).has_value();
  };
  CHECK_FALSE(retried(Fault::Kind::kConnectFailure, true));
  for (int i = 0; i < 2; ++i) guard.on_request({});
  CHECK_FALSE(retried(Fault::Kind::kTimeout, true));
  CHECK_FALSE(retried(Fault::Kind::kConnectFailure, false));
  CHECK(retried(Fault::Kind::kConnectFailure, true));
  CHECK_FALSE(retried(Fault::Kind::kConnectFailure, true));
  CHECK(guard.figures().retries == 1);
  CHECK(guard.figures().retries_over_budget == 2);
}

TEST_CASE("guard: a success gives tokens back, a failure does not") {
  Guard::Config config;
  config.retry = RetryPolicy::Config{
      .attempts = 1, .budget = TokenBudget::Config{.max_tokens = 2, .token_ratio = 1}};
  Guard guard = make_guard(config);
  const auto retried = [&] {
    RetryState state;
    return guard.retry({.kind = Fault::Kind::kConnectFailure}, true, state, {}).has_value();
  };
  CHECK_FALSE(retried());  // 2 -> 1: half
  guard.settle({}, 0, kBadEnd, {}, nobody);
  CHECK_FALSE(retried());  // 1 -> 0
  for (int i = 0; i < 2; ++i) guard.settle({}, 0, kGoodEnd, {}, nobody);
  for (int i = 0; i < 2; ++i) guard.settle({}, 0, kGoodEnd, {}, nobody);
  CHECK_FALSE(retried());  // full is 2 -> 1
}

TEST_CASE("guard: what cannot be is refused with the place of its option") {
  Guard::Config config;
  config.breaker = Breaker::Config{.half_open = 0};
  CHECK(Guard::make(config, 1, 1).error().where == "breaker.half_open");
  config = {};
  config.retry = RetryPolicy::Config{.attempts = 11};
  CHECK(Guard::make(config, 1, 1).error().where == "retry.attempts");
  config = {};
  config.outlier = Outlier::Config{.min_requests = 0};
  CHECK(Guard::make(config, 1, 1).error().where == "outlier.min_requests");
  config = {};
  config.concurrency = FixedLimit{0};
  CHECK(Guard::make(config, 1, 1).error().where == "concurrency.limit");
  config = {};
  config.throttle = ClientThrottle::Config{.k = 1};
  CHECK(Guard::make(config, 1, 1).error().where == "throttle.k");
}

}  // namespace
}  // namespace headgate::resilience
