// The limits of one rate_limit filter that are shared with other gateways: compiled from the
// config, read by all workers, never changed. They decide as one, so they are in one Redis and one
// call of its script.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/gateway/caller.hpp"
#include "headgate/net/address.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/shared_limit.hpp"

namespace headgate::gateway {

class SharedGroup {
 public:
  struct Limit {
    ratelimit::SharedLimit limit;
    ratelimit::KeySpec key;
    ratelimit::AddressPrefixes prefixes;
    std::string name;       ///< starts the keys of its callers in Redis
    std::size_t index = 0;  ///< among all limits of the filter
    std::size_t max_keys = 1;
  };

  /// Nothing if none of `specs` is shared. `name` says which filter it is, the same in every
  /// gateway. Looks the name of the Redis up: blocks. Fails with kInvalidConfig for limits that
  /// cannot decide together, else with the error of the limit or the address.
  [[nodiscard]] static Result<std::optional<SharedGroup>> make(
      const std::string& name, std::span<const ratelimit::Spec> specs);

  [[nodiscard]] const std::vector<Limit>& limits() const noexcept { return limits_; }
  /// The options of all its limits.
  [[nodiscard]] const ratelimit::SharedSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] const net::Address& address() const noexcept { return address_; }
  /// The name of the caller's key of that limit.
  [[nodiscard]] static std::string key_of(const Limit& limit, const Caller& caller);
  /// The lease that a worker takes. Requires: mode lease.
  [[nodiscard]] Tokens lease(const Limit& limit) const noexcept;

 private:
  explicit SharedGroup(ratelimit::SharedSpec spec) : spec_(std::move(spec)) {}

  ratelimit::SharedSpec spec_;
  net::Address address_;
  std::vector<Limit> limits_;
};

/// The part of a shared limit that a gateway enforces by itself while Redis is away: divided by
/// `gateways`, at least one token, and not shared.
[[nodiscard]] ratelimit::Spec local_part(const ratelimit::Spec& spec);

}  // namespace headgate::gateway
