#include "headgate/gateway/shared_group.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "headgate/config/host_port.hpp"
#include "headgate/redis/script.hpp"

namespace headgate::gateway {

Result<std::optional<SharedGroup>> SharedGroup::make(const std::string& name,
                                                     std::span<const ratelimit::Spec> specs) {
  std::optional<SharedGroup> group;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const ratelimit::Spec& spec = specs[i];
    if (!spec.shared) continue;
    if (!group) group = SharedGroup{*spec.shared};
    if (*spec.shared != group->spec_) {
      return failed(Errc::kInvalidConfig, "shared",
                    "must be the same for all limits that decide together");
    }
    auto limit = ratelimit::SharedLimit::make(spec);
    if (!limit) return std::unexpected(limit.error());
    std::string start = spec.shared->prefix + name + "/" + std::to_string(i) + "/" + limit->tag();
    group->limits_.push_back({.limit = *std::move(limit),
                              .key = spec.key,
                              .prefixes = prefixes_of(spec),
                              .name = std::move(start) + "/",
                              .index = i,
                              .max_keys = static_cast<std::size_t>(spec.max_keys)});
  }
  if (!group) return std::nullopt;
  const auto at = config::parse_host_port(group->spec_.redis);
  if (!at) return failed(Errc::kInvalidConfig, "shared.redis", at.error().why);
  const auto address = net::Address::resolve(at->host, at->port);
  if (!address) return std::unexpected(address.error());
  group->address_ = *address;
  return group;
}

std::string SharedGroup::key_of(const Limit& limit, const Caller& caller) {
  return redis::key_name(limit.name, KeyTexts{caller, limit.key, limit.prefixes}.all());
}

Tokens SharedGroup::lease(const Limit& limit) const noexcept {
  const std::int64_t burst = limit.limit.capacity().count;
  return spec_.lease.value_or(Tokens{std::max<std::int64_t>(1, burst / 10)});
}

ratelimit::Spec local_part(const ratelimit::Spec& spec) {
  ratelimit::Spec part = spec;
  part.shared.reset();
  if (!spec.shared) return part;
  const std::int64_t gateways = spec.shared->gateways;
  const auto divide = [gateways](std::optional<Tokens>& tokens) {
    if (tokens) tokens->count = std::max<std::int64_t>(1, tokens->count / gateways);
  };
  divide(part.burst);
  divide(part.limit);
  if (part.rate) part.rate = make_rate(part.rate->count, part.rate->per * gateways);
  return part;
}

}  // namespace headgate::gateway
