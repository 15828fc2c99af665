#include "headgate/gateway/guard.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "headgate/gateway/service.hpp"

namespace headgate::gateway {
namespace {

using namespace std::chrono_literals;
using namespace resilience;

constexpr AttemptEnd kGood{.latency = 1ms};
constexpr AttemptEnd kBad{.latency = 1ms, .failed = true};
constexpr AttemptEnd kShed{.latency = 1ms, .failed = true, .refused = true};

balance::Pool pool_of(std::size_t count) {
  std::vector<balance::TargetInfo> infos;
  for (std::size_t i = 0; i < count; ++i) infos.push_back({.id = i + 1});
  balance::Spec spec;
  spec.policy = "round_robin";
  return balance::Pool::make(spec, infos).value();
}

Guard make(const config::ServiceConfig& config, std::size_t targets = 1) {
  auto made = Guard::make(config, targets, 1);
  REQUIRE(made);
  return *std::move(made);
}

/// Why an attempt is refused; kForwarded if it is not.
Outcome refusal(Guard& guard, TimePoint now = {}) {
  auto pass = guard.admit(now);
  if (!pass) return pass.error().outcome;
  guard.abandon(*std::move(pass));
  return Outcome::kForwarded;
}

TEST_CASE("guard: without rules everything passes and nothing is retried") {
  Guard guard = make({});
  balance::Pool pool = pool_of(1);
  RetryState state;
  for (int i = 0; i < 100; ++i) {
    auto pass = guard.admit({});
    REQUIRE(pass);
    guard.settle(*std::move(pass), 0, kShed, pool, {});
  }
  CHECK_FALSE(guard.retries());
  CHECK_FALSE(guard.retry({.kind = Fault::Kind::kConnectFailure}, true, state, {}));
}

TEST_CASE("guard: the breaker learns from failures, and says when to come back") {
  config::ServiceConfig config;
  config.breaker = Breaker::Config{.consecutive_failures = 2, .open_for = 7s};
  Guard guard = make(config);
  balance::Pool pool = pool_of(1);
  for (int i = 0; i < 2; ++i) guard.settle(guard.admit({}).value(), 0, kBad, pool, {});
  const auto refused = guard.admit(TimePoint{3s});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::kBreakerOpen);
  CHECK(refused.error().retry_after == 4s);
  CHECK(guard.figures().breaker == Breaker::State::kOpen);
  CHECK(guard.figures().breaker_trips == 1);
}

TEST_CASE("guard: a probe that another rule refuses, or that is given up, leaves its place free") {
  config::ServiceConfig config;
  config.breaker = Breaker::Config{.consecutive_failures = 1, .open_for = 1s};
  config.concurrency = FixedLimit{1};
  Guard guard = make(config);
  balance::Pool pool = pool_of(1);
  auto holding = guard.admit({}).value();
  holding.breaker = {};
  guard.settle({.breaker = Breaker::Permit{}, .place = {}}, 0, kBad, pool, {});
  CHECK(refusal(guard) == Outcome::kOverloaded);
  guard.abandon(std::move(holding));
  guard.settle(guard.admit({}).value(), 0, kBad, pool, {});
  REQUIRE(refusal(guard) == Outcome::kBreakerOpen);
  auto probe = guard.admit(TimePoint{1s}).value();
  CHECK(refusal(guard, TimePoint{1s}) == Outcome::kBreakerOpen);
  guard.abandon(std::move(probe));
  CHECK(refusal(guard, TimePoint{1s}) == Outcome::kForwarded);
  guard.settle(guard.admit(TimePoint{1s}).value(), 0, kGood, pool, TimePoint{1s});
  CHECK(guard.figures().breaker == Breaker::State::kClosed);
}

TEST_CASE("guard: the place of an attempt is free when it ends, however it ends") {
  config::ServiceConfig config;
  config.concurrency = FixedLimit{1};
  Guard guard = make(config);
  balance::Pool pool = pool_of(1);
  auto first = guard.admit({}).value();
  CHECK(refusal(guard) == Outcome::kOverloaded);
  guard.settle(std::move(first), 0, kGood, pool, {});
  auto second = guard.admit({}).value();
  CHECK(refusal(guard) == Outcome::kOverloaded);
  guard.abandon(std::move(second));
  CHECK(refusal(guard) == Outcome::kForwarded);
  CHECK(guard.figures().concurrency_limit == 1U);
}

TEST_CASE("guard: only what the service refused shrinks the limit and counts against it") {
  config::ServiceConfig config;
  config.concurrency = Aimd::Config{.range = {.initial = 100, .min = 1, .max = 200}};
  config.throttle = ClientThrottle::Config{.k = 2, .window = 10s, .min_requests = 1};
  Guard guard = make(config);
  balance::Pool pool = pool_of(1);
  for (int i = 0; i < 50; ++i) {  // a 500 is a bad answer, but an answer
    guard.settle(guard.admit({}).value(), 0, kBad, pool, {});
  }
  CHECK(guard.figures().concurrency_limit == 100U);
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    auto pass = guard.admit({});
    if (pass) {
      guard.settle(*std::move(pass), 0, kShed, pool, {});
    } else {
      CHECK(pass.error().outcome == Outcome::kThrottled);
      CHECK(pass.error().retry_after > 0s);
      ++refused;
    }
  }
  CHECK(guard.figures().concurrency_limit == 1U);
  CHECK(refused > 1500);  // of 2050 about 2 * 50 and a few are sent
}

TEST_CASE("guard: an outlier is ejected from the pool for its time, and the pool takes it back") {
  config::ServiceConfig config;
  config.outlier = Outlier::Config{.consecutive_failures = 2, .base_time = 3s};
  Guard guard = make(config, 3);
  balance::Pool pool = pool_of(3);
  for (int i = 0; i < 2; ++i) guard.settle({}, 1, kBad, pool, TimePoint{1s});
  CHECK_FALSE(pool.is_up(1));
  CHECK(guard.figures().ejected == 1);
  Random random{1};
  for (int i = 0; i < 6; ++i) CHECK(pool.pick({.now = TimePoint{2s}}, random) != 1U);
  static_cast<void>(pool.pick({.now = TimePoint{4s}}, random));
  CHECK(pool.is_up(1));
  // Back, it is judged anew.
  for (int i = 0; i < 2; ++i) guard.settle({}, 1, kBad, pool, TimePoint{4s});
  CHECK_FALSE(pool.is_up(1));
  CHECK(guard.figures().ejections == 2);
}

TEST_CASE("guard: retries follow the policy, from a budget that the requests fill") {
  config::ServiceConfig config;
  config.retry = RetryPolicy::Config{
      .attempts = 1, .budget = PercentBudget::Config{.share = Share{0.5}, .min_per_second = 0}};
  Guard guard = make(config);
  CHECK(guard.retries());
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
  config::ServiceConfig config;
  config.retry = RetryPolicy::Config{
      .attempts = 1, .budget = TokenBudget::Config{.max_tokens = 2, .token_ratio = 1}};
  Guard guard = make(config);
  balance::Pool pool = pool_of(1);
  const auto retried = [&] {
    RetryState state;
    return guard.retry({.kind = Fault::Kind::kConnectFailure}, true, state, {}).has_value();
  };
  CHECK_FALSE(retried());  // 2 -> 1: half
  guard.settle({}, 0, kBad, pool, {});
  CHECK_FALSE(retried());  // 1 -> 0
  for (int i = 0; i < 2; ++i) guard.settle({}, 0, kGood, pool, {});
  for (int i = 0; i < 2; ++i) guard.settle({}, 0, kGood, pool, {});
  CHECK_FALSE(retried());  // full is 2 -> 1
}

TEST_CASE("guard: what cannot be is refused with the place of its option") {
  config::ServiceConfig config;
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

TEST_CASE("service: without a target the leave is given back, and a retry goes elsewhere") {
  config::ServiceConfig config;
  config.name = "s";
  config.balance.policy = "round_robin";
  config.concurrency = FixedLimit{1};
  for (std::uint16_t i = 0; i < 2; ++i) {
    config.targets.push_back({.name = "s/" + std::to_string(i),
                              .url = "",
                              .address = {.host = "127.0.0.1", .port = 9000},
                              .weight = 1});
  }
  const auto service = Service::make(config, 0, 1).value();
  for (int i = 0; i < 4; ++i) {
    auto ticket = service->pick_again({}, 0).value();
    CHECK(ticket.target == 1);
    CHECK(service->pick({}).error().outcome == Outcome::kOverloaded);
    service->release(std::move(ticket));
  }
  service->set_healthy(0, false, {});
  service->set_healthy(1, false, {});
  for (int i = 0; i < 3; ++i) {
    auto ticket = service->pick({});
    if (ticket) {  // panic: all count as available
      service->release(*std::move(ticket));
    } else {
      CHECK(ticket.error().outcome == Outcome::kNoTarget);
    }
  }
}

}  // namespace
}  // namespace headgate::gateway
