#include "headgate/config/policy_document.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace headgate::config {
namespace {

template <class T>
std::string first_of(const Loaded<T>& loaded) {
  return loaded.diagnostics.empty() ? "none" : to_text(loaded.diagnostics.front());
}
std::string limits_complaint(const std::string& text) {
  return first_of(load_limit_policy_text(text, "p.yaml"));
}
std::string balance_complaint(const std::string& text) {
  return first_of(load_balance_policy_text(text, "p.yaml"));
}

TEST_CASE("policy document: one limit stands under rate_limit") {
  const auto loaded = load_limit_policy_text(
      "rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20, key: global}", "p.yaml");
  REQUIRE(loaded.ok());
  REQUIRE(loaded.value.limits.size() == 1);
  CHECK(loaded.value.limits[0].algorithm == "token_bucket");
  CHECK(loaded.value.limits[0].burst == Tokens{20});
}

TEST_CASE("policy document: several limits stand under rate_limits, in their order") {
  const auto loaded = load_limit_policy_text(
      "rate_limits:\n"
      "- {algorithm: token_bucket, rate: 100/s, burst: 20}\n"
      "- {algorithm: fixed_window, limit: 7, window: 1s, key: global}\n",
      "p.yaml");
  REQUIRE(loaded.ok());
  REQUIRE(loaded.value.limits.size() == 2);
  CHECK(loaded.value.limits[1].limit == Tokens{7});
}

TEST_CASE("policy document: a target is called by its name, else by its url") {
  const auto loaded = load_balance_policy_text(
      "balance: {policy: round_robin}\n"
      "targets: [{name: a, weight: 5, locality: 2}, {url: 'http://127.0.0.1:9001'}]\n",
      "p.yaml");
  REQUIRE(loaded.ok());
  REQUIRE(loaded.value.targets.size() == 2);
  CHECK(loaded.value.targets[0].name == "a");
  CHECK(loaded.value.targets[0].weight == 5);
  CHECK(loaded.value.targets[0].locality == 2);
  CHECK(loaded.value.targets[1].name == "http://127.0.0.1:9001");
  CHECK(loaded.value.targets[1].weight == 1);
  CHECK(loaded.value.targets[1].locality == 0);
}

TEST_CASE("policy document: what is wrong is named with its place and what would be right") {
  CHECK(limits_complaint("rate_limit: {algorithm: token_bucket, rate: 1/s, burst: 2, wind: 1}") ==
        "p.yaml:1:60: error[GW001] unknown key 'wind' in a rate limit; did you mean 'window'?");
  CHECK(limits_complaint("{}") ==
        "p.yaml:1:1: error[GW001] a policy of limits needs exactly one of 'rate_limit', "
        "'rate_limits'");
  CHECK(limits_complaint("rate_limits: []") ==
        "p.yaml:1:14: error[GW001] expected at least 1 here");
  CHECK(limits_complaint("balance: {policy: round_robin}") ==
        "p.yaml:1:1: error[GW001] unknown key 'balance' in a policy of limits; known here: "
        "'rate_limit', 'rate_limits'");
  CHECK(balance_complaint("balance: {policy: round_robin}\ntargets: []") ==
        "p.yaml:2:10: error[GW001] expected at least 1 here");
  CHECK(balance_complaint("balance: {policy: round_robin}\ntargets: [{weight: 2}]") ==
        "p.yaml:2:11: error[GW001] a target needs 'name'; what the output calls it");
  CHECK(balance_complaint("balance: {policy: round_robin}\ntargets: [{name: a, weight: 0}]") ==
        "p.yaml:2:29: error[GW001] '0' is not 1 to 1000000");
  CHECK(balance_complaint("balance: {policy: round_robin}\ntargets: [{url: 'ftp://x'}]")
            .starts_with("p.yaml:2:17: error[GW001] 'ftp://x' "));
  CHECK(balance_complaint("balance: {policy: round_robin}\n"
                          "targets: [{name: a}, {name: b}, {name: a}]") ==
        "p.yaml:2:33: error[GW002] two targets are called 'a'; the first is targets.0");
  CHECK_FALSE(load_limit_policy_text("", "p.yaml").readable);
  CHECK_FALSE(load_balance_policy_file("no/such/file.yaml").readable);
}

}  // namespace
}  // namespace headgate::config
