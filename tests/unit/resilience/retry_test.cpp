// The token rules are those of gRFC A6, the percent rules those of Finagle; counts worked by hand.
#include "headgate/resilience/retry.hpp"

#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "headgate/resilience/retry_budget.hpp"
#include "steps.hpp"

namespace headgate::resilience {
namespace {

template <class Budget>
Budget make_budget(const typename Budget::Config& config) {
  const auto made = Budget::make(config);
  REQUIRE(made);
  return *made;
}

TEST_CASE("token budget: from a full bucket of ten, four failures in a row may be retried") {
  auto budget = make_budget<TokenBudget>({.max_tokens = 10, .token_ratio = 0.1});
  std::vector<bool> allowed;
  for (int i = 0; i < 6; ++i) allowed.push_back(budget.on_failure());
  CHECK(allowed == std::vector<bool>{true, true, true, true, false, false});  // 9 8 7 6 | 5 4
  CHECK(budget.millitokens() == 4000);
}

TEST_CASE("token budget: exactly half is not enough, a little more is") {
  auto budget = make_budget<TokenBudget>({.max_tokens = 10, .token_ratio = 0.1});
  for (int i = 0; i < 5; ++i) budget.on_failure();
  CHECK(budget.millitokens() == 5000);
  CHECK_FALSE(budget.allows());
  budget.on_success();
  CHECK(budget.allows());
}

TEST_CASE("token budget: it is never above full nor below empty") {
  auto budget = make_budget<TokenBudget>({.max_tokens = 2, .token_ratio = 0.7});
  budget.on_success();
  CHECK(budget.millitokens() == 2000);
  for (int i = 0; i < 5; ++i) budget.on_failure();
  CHECK(budget.millitokens() == 0);
  budget.on_success();
  CHECK(budget.millitokens() == 700);
}

TEST_CASE("token budget: the ratio counts to three places, the rest is cut off") {
  const std::vector<std::pair<double, std::int64_t>> table{
      {0.1, 100}, {0.29, 290}, {0.0017, 1}, {0.5466, 546}, {1000, 1'000'000}};
  for (const auto& [ratio, gained] : table) {
    auto budget = make_budget<TokenBudget>({.max_tokens = 1000, .token_ratio = ratio});
    for (int i = 0; i < 1000; ++i) budget.on_failure();
    budget.on_success();
    CHECK(budget.millitokens() == gained);
  }
}

TEST_CASE("percent budget: a fifth of the calls, and the reserve") {
  auto budget = make_budget<PercentBudget>({.share = Share{0.2}, .min_per_second = 1});
  CHECK(budget.balance(at(0s)) == 10);  // one a second for ten seconds
  for (int i = 0; i < 104; ++i) budget.on_call(at(0s));
  CHECK(budget.balance(at(0s)) == 30);
  int retries = 0;
  while (budget.withdraw(at(1s))) ++retries;
  CHECK(retries == 30);
  CHECK(budget.balance(at(1s)) == 0);
}

TEST_CASE("percent budget: a thousand failures at one instant get no more than the share") {
  // envoy issue 30205: retries that wait for their back-off were not counted.
  auto budget = make_budget<PercentBudget>({.share = Share{0.2}, .min_per_second = 0});
  for (int i = 0; i < 1000; ++i) budget.on_call(at(5s));
  int retries = 0;
  for (int i = 0; i < 1000; ++i) retries += budget.withdraw(at(5s)) ? 1 : 0;
  CHECK(retries == 200);
}

TEST_CASE("percent budget: calls and retries are forgotten after the window") {
  auto budget = make_budget<PercentBudget>({.share = Share{0.5}, .min_per_second = 0});
  for (int i = 0; i < 10; ++i) budget.on_call(at(0s));
  CHECK(budget.balance(at(10s) - 1ns) == 5);
  CHECK(budget.balance(at(10s)) == 0);
  for (int i = 0; i < 10; ++i) budget.on_call(at(20s));
  for (int i = 0; i < 5; ++i) CHECK(budget.withdraw(at(25s)));
  CHECK_FALSE(budget.withdraw(at(25s)));
  CHECK(budget.balance(at(30s)) == 0);  // five retries are in the window, the calls have left it
  CHECK(budget.balance(at(40s)) == 0);
}

TEST_CASE("budgets: options out of their range are refused by name") {
  const auto tokens = [](std::uint32_t max, double ratio) {
    return refused_field(TokenBudget::make({.max_tokens = max, .token_ratio = ratio}));
  };
  CHECK(tokens(1, 0.001) == "made");
  CHECK(tokens(1000, 1000) == "made");
  CHECK(tokens(0, 0.1) == "max_tokens");
  CHECK(tokens(1001, 0.1) == "max_tokens");
  CHECK(tokens(10, 0.0009) == "token_ratio");
  CHECK(tokens(10, 1001) == "token_ratio");
  const auto percent = [](double share, std::uint32_t min, Duration window) {
    return refused_field(
        PercentBudget::make({.share = Share{share}, .min_per_second = min, .window = window}));
  };
  CHECK(percent(0, 1'000'000, 1s) == "made");
  CHECK(percent(1, 0, 1h) == "made");
  CHECK(percent(-0.1, 1, 10s) == "share");
  CHECK(percent(1.1, 1, 10s) == "share");
  CHECK(percent(0.2, 1'000'001, 10s) == "min_per_second");
  CHECK(percent(0.2, 1, 1s - 1ns) == "window");
  CHECK(percent(0.2, 1, 1h + 1ns) == "window");
}

TEST_CASE("faults: a set has what its words name, and nothing else") {
  FaultSet set;
  using Kind = Fault::Kind;
  CHECK_FALSE(set.has({.kind = Kind::kConnectFailure}));
  REQUIRE(set.add("connect_failure"));
  REQUIRE(set.add("503"));
  REQUIRE(set.add("4xx"));
  REQUIRE(set.add("100"));
  REQUIRE(set.add("599"));
  CHECK(set.has({.kind = Kind::kConnectFailure}));
  CHECK_FALSE(set.has({.kind = Kind::kReset}));
  CHECK_FALSE(set.has({.kind = Kind::kTimeout}));
  const auto has = [&](int status) { return set.has({.kind = Kind::kStatus, .status = status}); };
  CHECK(has(503));
  CHECK_FALSE(has(502));
  CHECK_FALSE(has(504));
  CHECK_FALSE(has(399));
  CHECK(has(400));
  CHECK(has(499));
  CHECK_FALSE(has(500));
  CHECK(has(100));
  CHECK(has(599));
  CHECK_FALSE(has(99));
  CHECK_FALSE(has(600));
  CHECK_FALSE(has(0));
  REQUIRE(set.add("reset"));
  REQUIRE(set.add("timeout"));
  CHECK(set.has({.kind = Kind::kReset}));
  CHECK(set.has({.kind = Kind::kTimeout}));
  for (const char* word : {"", "50", "5033", "603", "099", "5x3", "5XX", "refused", "50 "}) {
    CAPTURE(word);
    CHECK(set.add(word).error().where == "on");
  }
}

TEST_CASE("faults: a set says the words that make it again") {
  FaultSet set{Fault::Kind::kReset};
  for (const char* word : {"5xx", "429", "timeout", "401"}) REQUIRE(set.add(word));
  CHECK(set.words() == std::vector<std::string>{"reset", "timeout", "401", "429", "5xx"});
  CHECK(FaultSet{}.words().empty());
  CHECK(RetryPolicy::Config{}.on.words() == std::vector<std::string>{"connect_failure"});
}

FaultSet on(const std::vector<const char*>& words) {
  FaultSet set;
  for (const char* word : words) REQUIRE(set.add(word));
  return set;
}

constexpr Fault kRefused{.kind = Fault::Kind::kConnectFailure};
constexpr Fault kReset{.kind = Fault::Kind::kReset};

RetryPolicy make(const RetryPolicy::Config& config) {
  const auto made = RetryPolicy::make(config);
  REQUIRE(made);
  return *made;
}

TEST_CASE("retry: a listed fault is retried as often as attempts says, after doubling waits") {
  RetryPolicy policy = make({.attempts = 2,
                             .on = on({"connect_failure"}),
                             .backoff = {.base = 10ms, .max = 1s, .jitter = Jitter::kNone},
                             .budget = RetryPolicy::NoBudget{}});
  Random random{1};
  RetryState state;
  policy.on_call(at(0s));
  CHECK(policy.on_fault(kRefused, true, state, {}, at(0s), random) == 10ms);
  CHECK(policy.on_fault(kRefused, true, state, {}, at(0s), random) == 20ms);
  CHECK_FALSE(policy.on_fault(kRefused, true, state, {}, at(0s), random));
  CHECK(state.retries == 2);
  CHECK(policy.retries() == 2);
  CHECK(policy.over_budget() == 0);
}

TEST_CASE("retry: what is not listed or cannot be repeated is not retried and costs nothing") {
  RetryPolicy policy = make({.attempts = 2,
                             .on = on({"connect_failure"}),
                             .budget = PercentBudget::Config{.min_per_second = 1}});
  Random random{1};
  RetryState state;
  CHECK_FALSE(policy.on_fault(kReset, true, state, {}, at(0s), random));
  CHECK_FALSE(policy.on_fault(kRefused, false, state, {}, at(0s), random));
  int retries = 0;
  for (int i = 0; i < 20; ++i) {
    RetryState fresh;
    retries += policy.on_fault(kRefused, true, fresh, {}, at(0s), random) ? 1 : 0;
  }
  CHECK(retries == 10);  // the whole reserve was still there
  CHECK(policy.over_budget() == 10);
  CHECK(policy.retries() == 10);
}

TEST_CASE("retry: a wait that ends after the deadline is not begun and costs nothing") {
  RetryPolicy policy =
      make({.attempts = 2,
            .on = on({"connect_failure"}),
            .backoff = {.base = 10ms, .max = 10ms, .jitter = Jitter::kNone},
            .budget = PercentBudget::Config{.share = Share{0}, .min_per_second = 1, .window = 1s}});
  Random random{1};
  RetryState state;
  const auto until = [](Duration left) { return Deadline::after(at(0s), left); };
  CHECK_FALSE(policy.on_fault(kRefused, true, state, until(10ms), at(0s), random));
  CHECK(state.retries == 0);
  CHECK(policy.over_budget() == 0);
  CHECK(policy.on_fault(kRefused, true, state, until(10ms + 1ns), at(0s), random) == 10ms);
  CHECK_FALSE(policy.on_fault(kRefused, true, state, until(1s), at(0s), random));
  CHECK(policy.over_budget() == 1);
}

TEST_CASE("retry: with tokens every listed failure takes one, a success gives back its part") {
  RetryPolicy policy = make({.attempts = 1,
                             .on = on({"connect_failure"}),
                             .budget = TokenBudget::Config{.max_tokens = 4, .token_ratio = 0.5}});
  Random random{1};
  const auto retried = [&](const Fault& fault, bool repeatable) {
    RetryState fresh;
    return policy.on_fault(fault, repeatable, fresh, {}, at(0s), random).has_value();
  };
  CHECK_FALSE(retried(kReset, true));     // 4: not listed
  CHECK(retried(kRefused, true));         // 3
  CHECK_FALSE(retried(kRefused, false));  // 2: half
  CHECK_FALSE(retried(kRefused, true));   // 1
  CHECK(policy.over_budget() == 1);
  for (int i = 0; i < 5; ++i) policy.on_success();  // 3.5
  CHECK(retried(kRefused, true));                   // 2.5
  CHECK_FALSE(retried(kRefused, true));
}

TEST_CASE("retry: the percent budget grows with the calls") {
  RetryPolicy policy =
      make({.attempts = 1,
            .on = on({"connect_failure"}),
            .budget = PercentBudget::Config{.share = Share{0.1}, .min_per_second = 0}});
  Random random{1};
  int retries = 0;
  for (int i = 0; i < 1000; ++i) {
    policy.on_call(at(0s));
    RetryState fresh;
    retries += policy.on_fault(kRefused, true, fresh, {}, at(0s), random) ? 1 : 0;
  }
  CHECK(retries == 100);
}

TEST_CASE("retry: three attempts beyond the first, all failing, make four calls of one") {
  // (1 - p^(R+1)) / (1 - p) -> R + 1 as p -> 1.
  RetryPolicy policy =
      make({.attempts = 3, .on = on({"reset"}), .budget = RetryPolicy::NoBudget{}});
  Random random{5};
  int calls = 0;
  for (int i = 0; i < 1000; ++i) {
    RetryState state;
    do ++calls;
    while (policy.on_fault(kReset, true, state, {}, at(0s), random));
  }
  CHECK(calls == 4000);
}

TEST_CASE("retry: options out of their range are refused by name") {
  const auto field = [](const RetryPolicy::Config& config) {
    return refused_field(RetryPolicy::make(config));
  };
  CHECK(field({.attempts = 10}) == "made");
  CHECK(field({.attempts = 11}) == "attempts");
  CHECK(field({.backoff = {.base = 0ms}}) == "backoff.base");
  CHECK(field({.budget = TokenBudget::Config{.max_tokens = 0}}) == "budget.max_tokens");
  CHECK(field({.budget = PercentBudget::Config{.share = Share{2}}}) == "budget.share");
}

}  // namespace
}  // namespace headgate::resilience
