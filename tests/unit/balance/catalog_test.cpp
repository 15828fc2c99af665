#include "headgate/balance/catalog.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "headgate/core/hash.hpp"
#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

TEST_CASE("balance: every policy of the catalog can be made and picks an available target") {
  for (const CatalogEntry& entry : catalog()) {
    CAPTURE(entry.name);
    auto balancer = make({.policy = std::string{entry.name}});
    REQUIRE(balancer);
    CHECK(balancer->spec().policy == entry.name);
    Random random{1};
    const std::array<TargetInfo, 3> infos{{{.id = 1}, {.id = 2}, {.id = 3}}};
    balancer->rebuild(infos);
    const std::array<Target, 3> one_up{{{.available = false}, {}, {.available = false}}};
    for (int i = 0; i < 20; ++i) CHECK(balancer->pick(one_up, {}, random) == 1U);
    const std::array<Target, 2> none_up{{{.available = false}, {.available = false}}};
    balancer->rebuild(std::span{infos}.first(2));
    CHECK_FALSE(balancer->pick(none_up, {}, random));
    balancer->rebuild({});
    CHECK_FALSE(balancer->pick({}, {}, random));
    CHECK_FALSE(entry.summary.empty());
    CHECK_FALSE(entry.guarantee.empty());
    CHECK_FALSE(entry.source.empty());
  }
}

/// What it picks of two targets with these weights, of which it knows that both take 1 ms.
std::vector<std::size_t> picks(const std::string& policy, std::uint32_t first,
                               std::uint32_t second) {
  Balancer balancer = make({.policy = policy}).value();
  balancer.rebuild(weighted({first, second}));
  for (const std::size_t target : {std::size_t{0}, std::size_t{1}}) {
    balancer.done(target, {.latency = 1ms}, TimePoint{1ms});
  }
  Random random{1};
  std::vector<std::size_t> picked;
  for (std::uint64_t key = 0; key < 200; ++key) {
    const Call call{.now = TimePoint{1ms}, .key = mix64(key)};
    picked.push_back(balancer.pick(idle(2), call, random).value());
  }
  return picked;
}

TEST_CASE("balance: those that read weights pick otherwise when one is heavier, others do not") {
  for (const CatalogEntry& entry : catalog()) {
    CAPTURE(entry.name);
    const std::string policy{entry.name};
    CHECK((picks(policy, 1, 9) != picks(policy, 1, 1)) == reads_weights({.policy = policy}));
  }
}

TEST_CASE("balance: an unknown policy is refused with what there is") {
  const auto wrong = make({.policy = "two_choice"});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::kInvalidConfig);
  CHECK(wrong.error().where == "policy");
  const std::string start = "'two_choice' is not known; did you mean 'two_choices'?; there are: ";
  CHECK(wrong.error().why.starts_with(start + "round_robin, "));
  for (const CatalogEntry& entry : catalog()) {
    CHECK(wrong.error().why.find(entry.name, start.size()) != std::string::npos);
  }
}

/// `where: why` of the refusal, or empty.
std::string refusal(const Spec& spec) {
  const auto made = make(spec);
  return made ? "" : made.error().where + ": " + made.error().why;
}

TEST_CASE("balance: an option that the policy does not have is refused by its name") {
  CHECK(refusal({.policy = "round_robin", .d = 2}) == "d: is no option of round_robin");
  CHECK(refusal({.policy = "choices", .decay = 1s}) ==
        "decay: is no option of choices, which has: d");
  CHECK(refusal({.policy = "peak_ewma", .quantile = Share{0.5}}) ==
        "quantile: is no option of peak_ewma, which has: decay, penalty");
  CHECK(refusal({.policy = "peak_ewma", .active_request_bias = 1.0})
            .starts_with("active_request_bias: is no"));
  CHECK(refusal({.policy = "two_choices", .penalty = 1s}).starts_with("penalty: is no"));
  CHECK(refusal({.policy = "two_choices", .key = {"client_ip"}}).starts_with("key: is no"));
  CHECK(refusal({.policy = "two_choices", .table_size = 7}).starts_with("table_size: is no"));
  CHECK(refusal({.policy = "two_choices", .points = 7}).starts_with("points: is no"));
  CHECK(refusal({.policy = "two_choices", .bound = 1.5}).starts_with("bound: is no"));
  CHECK(refusal({.policy = "two_choices", .size = 7}).starts_with("size: is no"));
}

TEST_CASE("balance: an option is taken up to its limits and refused beyond them") {
  const auto choices = [](std::int64_t d) { return refusal({.policy = "choices", .d = d}); };
  CHECK(choices(1) == "d: must be 2 to 16");
  CHECK(choices(2).empty());
  CHECK(choices(16).empty());
  CHECK(choices(17) == "d: must be 2 to 16");
  const auto bias = [](double value) {
    return refusal({.policy = "weighted_least_requests", .active_request_bias = value});
  };
  CHECK(bias(-0.001) == "active_request_bias: must be 0 to 4");
  CHECK(bias(0).empty());
  CHECK(bias(4).empty());
  CHECK(bias(4.001) == "active_request_bias: must be 0 to 4");
  const auto decay = [](Duration value) {
    return refusal({.policy = "peak_ewma", .decay = value});
  };
  CHECK(decay(1ms - 1ns) == "decay: must be 1ms to 1h");
  CHECK(decay(1ms).empty());
  CHECK(decay(1h).empty());
  CHECK(decay(1h + 1ns) == "decay: must be 1ms to 1h");
  const auto penalty = [](Duration value) {
    return refusal({.policy = "hot_cold", .penalty = value});
  };
  CHECK(penalty(-1ns) == "penalty: must be 0s to 1h");
  CHECK(penalty(0s).empty());
  CHECK(penalty(1h).empty());
  CHECK(penalty(1h + 1ns) == "penalty: must be 0s to 1h");
  const auto quantile = [](double value) {
    return refusal({.policy = "hot_cold", .quantile = Share{value}});
  };
  CHECK(quantile(-0.01) == "quantile: must be 0% to 100%");
  CHECK(quantile(0).empty());
  CHECK(quantile(1).empty());
  CHECK(quantile(1.01) == "quantile: must be 0% to 100%");
}

TEST_CASE("balance: what stands around a policy is taken up to its limits and refused beyond") {
  const auto slow = [](SlowStartSpec spec) { return refusal({.slow_start = spec}); };
  CHECK(slow({.window = -1ns}) == "slow_start: must be 0s to 1d");
  CHECK(slow({.window = 24h}).empty());
  CHECK(slow({.window = 24h + 1ns}) == "slow_start: must be 0s to 1d");
  CHECK(slow({.aggression = 0}) == "slow_start: needs an aggression of 1 to 10");
  CHECK(slow({.aggression = 10}).empty());
  CHECK(slow({.aggression = 11}) == "slow_start: needs an aggression of 1 to 10");
  CHECK(slow({.min = Share{-0.01}}) == "slow_start: needs a min of 0% to 100%");
  CHECK(slow({.min = Share{1}}).empty());
  CHECK(slow({.min = Share{1.01}}) == "slow_start: needs a min of 0% to 100%");
  CHECK(refusal({.panic = Share{-0.01}}) == "panic: must be 0% to 100%");
  CHECK(refusal({.panic = Share{1}}).empty());
  CHECK(refusal({.panic = Share{1.01}}) == "panic: must be 0% to 100%");
  CHECK(refusal({.stale = -1ns}) == "stale: must be 0s to 1h");
  CHECK(refusal({.stale = 1h}).empty());
  CHECK(refusal({.stale = 1h + 1ns}) == "stale: must be 0s to 1h");
}

}  // namespace
}  // namespace headgate::balance
