// A document with one policy and nothing around it, for looking at the policy alone: limits that
// decide as one, or a balancer with its targets. The words are those of the gateway config, read by
// the same forms, so what was tried alone can be pasted into a gateway.
//
//   rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20}
//
//   balance: {policy: weighted_round_robin}
//   targets: [{name: a, weight: 5}, {name: b}]
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/balance/catalog.hpp"
#include "headgate/config/diagnostic.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::config {

/// `{rate_limit: {…}}` or `{rate_limits: […]}`: at least one limit.
struct LimitPolicy {
  std::vector<ratelimit::Spec> limits;
};

/// A target as far as a balancer sees it; nothing is sent to it, so it may have a url or not.
struct PolicyTarget {
  std::string name;  ///< as written, or the url; no two are the same
  std::uint32_t weight = 1;
  std::uint32_t locality = 0;
};

/// `{balance: {…}, targets: [{name, url, weight, locality}, …]}`: at least one target.
struct BalancePolicy {
  balance::Spec balance;
  std::vector<PolicyTarget> targets;
};

[[nodiscard]] Loaded<LimitPolicy> load_limit_policy_file(const std::string& file);
[[nodiscard]] Loaded<LimitPolicy> load_limit_policy_text(std::string_view text,
                                                         const std::string& file);
[[nodiscard]] Loaded<BalancePolicy> load_balance_policy_file(const std::string& file);
[[nodiscard]] Loaded<BalancePolicy> load_balance_policy_text(std::string_view text,
                                                             const std::string& file);

/// The JSON Schema (draft-07) of both.
[[nodiscard]] std::string policy_schema();

}  // namespace headgate::config
