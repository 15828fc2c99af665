// The rate_limit filter: the config's limiters, shared by all workers.
//
// One table for the whole gateway behind a lock, not a share of the limit for each worker: then
// `limit: 100` is a hundred with one worker and with eight, and the decisions are those of the
// simulator, which has one limiter. The lock is held for two cache misses.
//
// Several limits of one filter decide as one: a request passes only if each of them admits it. They
// are asked in the order of the file and the first that refuses ends the asking; what the ones
// before it had granted stays spent, so put the tightest first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/http/fields.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::gateway {

/// What a limiter's key can be made of.
struct Caller {
  std::string_view client;    ///< ClientName::key
  std::string_view consumer;  ///< its name; empty: a stranger
  std::string_view route;     ///< its name
  std::string_view service;   ///< its name; empty if the route has none
  const http::Fields& fields;
};

class RateLimit {
 public:
  static constexpr std::size_t kKeyPartsMax = 8;

  /// `name` is what clients see in RateLimit-Policy. `seed` decides which callers share a slot of a
  /// full table. Fails with the limiter's error, or kInvalidConfig for a key of too many parts.
  [[nodiscard]] static Result<std::unique_ptr<RateLimit>> make(
      std::string name, std::span<const ratelimit::Spec> specs, std::uint64_t seed);

  struct Answer {
    ratelimit::Decision decision;
    std::size_t limit = 0;  ///< which of the limits decided
  };
  /// Thread-safe. No allocation.
  [[nodiscard]] Answer admit(const Caller& caller, TimePoint now) noexcept;

  /// `Retry-After`, `RateLimit-Policy` and `RateLimit` lines for a refusal. Returns the bytes
  /// written, 0 if `out` is too small.
  [[nodiscard]] std::size_t write_fields(const Answer& refusal, std::span<char> out) const noexcept;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Of each limit's table, for metrics. Thread-safe. O(max_keys) under the lock.
  [[nodiscard]] std::vector<ratelimit::TableCounters> counters(TimePoint now) const;

 private:
  explicit RateLimit(std::string name) : name_(std::move(name)) {}

  std::string name_;
  mutable std::mutex mutex_;
  std::vector<ratelimit::Limiter> limits_;  // their tables are guarded by mutex_
};

}  // namespace headgate::gateway
