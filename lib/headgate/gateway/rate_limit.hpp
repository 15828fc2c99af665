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
// one that is refused has spent nothing (ratelimit/chain.hpp), nor in the filters that it has
// passed before (charges.hpp).
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
#include "headgate/gateway/charges.hpp"
#include "headgate/gateway/shared_group.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/chain.hpp"
#include "headgate/ratelimit/fields.hpp"

namespace headgate::gateway {

class RateLimit {
 public:
  /// `name` is the route's, under which its shared limits are known in Redis; `index` tells filters
  /// of that name apart. `hosting` is for all its limiters; each gets a seed of its own. Fails with
  /// the limiter's error, or kInvalidConfig for a key of too many parts. Looks up the Redis of
  /// shared limits: blocks.
  [[nodiscard]] static Result<std::unique_ptr<RateLimit>> make(
      std::string name, std::size_t index, std::span<const ratelimit::Spec> specs,
      ratelimit::Hosting hosting);

  struct Answer {
    ratelimit::Decision decision;
    std::uint64_t violated = 0;  ///< bit i: limit i of the filter refuses
  };
  /// The answer of the limits that are not shared. What it spends goes to `charges`, what each
  /// limit says to its place in `standings`, which are as many as labels(). Thread-safe.
  [[nodiscard]] Answer admit(const Caller& caller, TimePoint now, Charges& charges,
                             std::span<ratelimit::Standing> standings) noexcept;
  /// What this gateway's own part of the shared limits says, while their Redis is away.
  /// Thread-safe.
  [[nodiscard]] Answer admit_shared_part(const Caller& caller, TimePoint now, Charges& charges,
                                         std::span<ratelimit::Standing> standings) noexcept;

  /// What a limit says to a caller that has not spent from it. Thread-safe.
  [[nodiscard]] static ratelimit::Standing standing(ratelimit::Limiter& limiter, std::uint64_t key,
                                                    TimePoint now) noexcept;

  /// The limits that other gateways share; null without any.
  [[nodiscard]] const SharedGroup* shared() const noexcept { return shared_ ? &*shared_ : nullptr; }
  /// Its number among all of the gateway.
  [[nodiscard]] std::size_t shared_number() const noexcept { return shared_number_; }
  void set_shared_number(std::size_t number) noexcept { shared_number_ = number; }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// What clients are told of each limit, in the order of the config.
  [[nodiscard]] std::span<const ratelimit::Label> labels() const noexcept { return labels_; }
  /// The place of the first of them among those of the route.
  [[nodiscard]] std::size_t first_label() const noexcept { return first_label_; }
  void set_first_label(std::size_t place) noexcept { first_label_ = place; }
  /// The greatest `retry_jitter` of the limits that refuse.
  [[nodiscard]] Duration retry_jitter(std::uint64_t violated) const noexcept;
  /// Of each limit's table, in the order of the config, for metrics. Thread-safe. O(max_keys).
  [[nodiscard]] std::vector<ratelimit::TableCounters> counters(TimePoint now);

 private:
  /// Those of the filter's limits that decide together here.
  struct Group {
    std::optional<ratelimit::Chain> chain;
    std::vector<std::size_t> numbers;  // of each limit of the chain, its number in the filter
  };
  RateLimit(std::string name, std::span<const ratelimit::Spec> specs)
      : name_(std::move(name)), specs_(specs.begin(), specs.end()) {}
  [[nodiscard]] Answer ask(Group& group, const Caller& caller, TimePoint now, Charges& charges,
                           std::span<ratelimit::Standing> standings) const noexcept;

  std::string name_;
  std::vector<ratelimit::Spec> specs_;
  std::optional<SharedGroup> shared_;
  std::size_t shared_number_ = 0;
  std::size_t first_label_ = 0;
  std::vector<ratelimit::Label> labels_;  // of the whole limits; names are in specs_
  Group own_;
  Group shared_parts_;  // this gateway's parts of the shared limits
};

}  // namespace headgate::gateway
