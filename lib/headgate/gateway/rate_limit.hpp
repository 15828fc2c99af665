// The rate_limit filter: the config's limiters, shared by all workers.
//
// One table for the whole gateway behind a lock, not a share of the limit for each worker: then
// `limit: 100` is a hundred with one worker and with eight, and the decisions are those of the
// simulator, which has one limiter. The lock is held for two cache misses.
//
// Limits that are shared with other gateways are decided elsewhere (shared_desk.hpp); this
// gateway's part of them is kept here for the time that their Redis is away.
//
// Several limits of one filter decide as one: a request passes only if each of them admits it. They
// are asked in the order of the file and the first that refuses ends the asking; what the ones
// before it had granted stays spent, so put the tightest first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/gateway/caller.hpp"
#include "headgate/gateway/shared_group.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::gateway {

class RateLimit {
 public:
  /// `name` is what clients see in RateLimit-Policy; `index` tells filters of that name apart.
  /// `seed` decides which callers share a slot of a full table. Fails with the limiter's error, or
  /// kInvalidConfig for a key of too many parts. Looks up the Redis of shared limits: blocks.
  [[nodiscard]] static Result<std::unique_ptr<RateLimit>> make(
      std::string name, std::size_t index, std::span<const ratelimit::Spec> specs,
      std::uint64_t seed);

  struct Answer {
    ratelimit::Decision decision;
    std::size_t limit = 0;  ///< which of the limits decided
  };
  /// The answer of the limits that are not shared. Thread-safe. No allocation.
  [[nodiscard]] Answer admit(const Caller& caller, TimePoint now) noexcept;
  /// What this gateway's own part of the shared limits says, while their Redis is away.
  /// Thread-safe.
  [[nodiscard]] Answer admit_shared_part(const Caller& caller, TimePoint now) noexcept;

  /// The limits that other gateways share; null without any.
  [[nodiscard]] const SharedGroup* shared() const noexcept { return shared_ ? &*shared_ : nullptr; }
  /// Its number among all of the gateway.
  [[nodiscard]] std::size_t shared_number() const noexcept { return shared_number_; }
  void set_shared_number(std::size_t number) noexcept { shared_number_ = number; }

  /// `Retry-After`, `RateLimit-Policy` and `RateLimit` lines for a refusal. Returns the bytes
  /// written, 0 if `out` is too small.
  [[nodiscard]] std::size_t write_fields(const Answer& refusal, std::span<char> out) const noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Of each limit's table, for metrics. Thread-safe. O(max_keys) under the lock.
  [[nodiscard]] std::vector<ratelimit::TableCounters> counters(TimePoint now) const;

 private:
  /// One of the filter's limits; of a shared one, this gateway's part.
  struct Limit {
    ratelimit::Limiter limiter;  // its table is guarded by mutex_
    ratelimit::Quota quota;      // of the whole limit
    bool shared;
  };
  explicit RateLimit(std::string name) : name_(std::move(name)) {}
  [[nodiscard]] Answer ask(const Caller& caller, TimePoint now, bool shared) noexcept;

  std::string name_;
  std::optional<SharedGroup> shared_;
  std::size_t shared_number_ = 0;
  mutable std::mutex mutex_;
  std::vector<Limit> limits_;
};

}  // namespace headgate::gateway
