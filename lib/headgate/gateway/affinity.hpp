// What binds a request to a target: the key that hash policies hash, and the cookie in which a
// client brings back the target of its last answer.
//
// The key is folded without a seed and the cookie holds the hash of the target's name, so all
// gateways of a config, and each after a restart, send a client to the same target. The cookie is
// no secret: who forges it chooses one of the targets, no more.
#pragma once

#include <cstdint>
#include <string>

#include "headgate/balance/catalog.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/gateway/caller.hpp"
#include "headgate/http/fields.hpp"
#include "headgate/ratelimit/key.hpp"

namespace headgate::gateway {

class Affinity {
 public:
  /// The client's address if a hash policy is given no key. Fails at "key" for what is none, or
  /// for more than kKeyPartsMax parts.
  [[nodiscard]] static Result<Affinity> make(const balance::Spec& spec);

  /// What the balancer gets to know of a request. No allocation.
  [[nodiscard]] balance::Call call(const Caller& caller, TimePoint now) const noexcept;

  /// The field line that makes a client come back to the target `id`; empty if nothing does.
  [[nodiscard]] std::string cookie_line(std::uint64_t id) const;

 private:
  ratelimit::KeySpec key_;  // empty: the policy reads none
  std::string cookie_;      // its name; empty: clients are not bound
};

/// The target id in the cookie `name` of a request; 0 if there is none that could be one.
[[nodiscard]] std::uint64_t target_in_cookie(const http::Fields& fields,
                                             std::string_view name) noexcept;

}  // namespace headgate::gateway
