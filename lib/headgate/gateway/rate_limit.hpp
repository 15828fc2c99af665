// The rate_limit filter: the config's limiters, shared by all workers.
//
// One table for the whole gateway, not a share of the limit for each worker: then `limit: 100` is a
// hundred with one worker and with eight, and the decisions are those of the simulator, which has
// one limiter. The limiters are safe from several threads; no lock is held here.
//
// Limits that are shared with other gateways are decided elsewhere (shared_desk.hpp); this
// gateway's part of them is kept here for the time that their Redis is away.
//
// Several limits of one filter decide as one: a request passes only if each of them admits it, and
// one that is refused has spent nothing (ratelimit/chain.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/gateway/caller.hpp"
#include "headgate/gateway/places.hpp"
#include "headgate/gateway/shared_group.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/chain.hpp"

namespace headgate::gateway {

class RateLimit {
 public:
  /// `name` is what clients see in RateLimit-Policy; `index` tells filters of that name apart.
  /// `hosting` is for all its limiters; each gets a seed of its own. Fails with the limiter's
  /// error, or kInvalidConfig for a key of too many parts. Looks up the Redis of shared limits:
  /// blocks.
  [[nodiscard]] static Result<std::unique_ptr<RateLimit>> make(
      std::string name, std::size_t index, std::span<const ratelimit::Spec> specs,
      ratelimit::Hosting hosting);

  struct Answer {
    ratelimit::Decision decision;
    std::size_t limit = 0;  ///< which of the limits decided
  };
  /// The answer of the limits that are not shared. What is taken in limits of concurrency goes to
  /// `places`. Thread-safe.
  [[nodiscard]] Answer admit(const Caller& caller, TimePoint now, Places& places) noexcept;
  /// What this gateway's own part of the shared limits says, while their Redis is away.
  /// Thread-safe.
  [[nodiscard]] Answer admit_shared_part(const Caller& caller, TimePoint now,
                                         Places& places) noexcept;

  /// The limits that other gateways share; null without any.
  [[nodiscard]] const SharedGroup* shared() const noexcept { return shared_ ? &*shared_ : nullptr; }
  /// Its number among all of the gateway.
  [[nodiscard]] std::size_t shared_number() const noexcept { return shared_number_; }
  void set_shared_number(std::size_t number) noexcept { shared_number_ = number; }

  /// `Retry-After`, `RateLimit-Policy` and `RateLimit` lines for a refusal. Returns the bytes
  /// written, 0 if `out` is too small.
  [[nodiscard]] std::size_t write_fields(const Answer& refusal, std::span<char> out) const noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Of each limit's table, in the order of the config, for metrics. Thread-safe. O(max_keys).
  [[nodiscard]] std::vector<ratelimit::TableCounters> counters(TimePoint now);

 private:
  /// Those of the filter's limits that decide together here.
  struct Group {
    std::optional<ratelimit::Chain> chain;
    std::vector<std::size_t> numbers;  // of each limit of the chain, its number in the filter
  };
  explicit RateLimit(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] static Answer ask(Group& group, const Caller& caller, TimePoint now,
                                  Places& places) noexcept;

  std::string name_;
  std::optional<SharedGroup> shared_;
  std::size_t shared_number_ = 0;
  std::vector<ratelimit::Quota> quotas_;  // of the whole limits
  Group own_;
  Group shared_parts_;  // this gateway's parts of the shared limits
};

}  // namespace headgate::gateway
