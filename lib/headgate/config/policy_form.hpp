// The forms of the policies: a rate limit and a balancer as any document writes them. Names,
// options and ranges come from the policies' own catalogs, so a policy that is added there can be
// written here at once.
#pragma once

#include "headgate/balance/catalog.hpp"
#include "headgate/config/form.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::config {

/// `{algorithm: token_bucket, rate: 100/s, burst: 20, key: client_ip}`
[[nodiscard]] Form<ratelimit::Spec> rate_limit();
/// `{policy: two_choices}`
[[nodiscard]] Form<balance::Spec> balance_spec();

}  // namespace headgate::config
