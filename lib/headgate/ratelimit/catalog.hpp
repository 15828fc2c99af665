// All rate limiters by name: from the words of a config to an object that decides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "headgate/core/catalog.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/fixed_window.hpp"
#include "headgate/ratelimit/key.hpp"
#include "headgate/ratelimit/keyed.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/shared_spec.hpp"
#include "headgate/ratelimit/token_bucket.hpp"

namespace headgate::ratelimit {

/// What a config says of one limiter. An option that the algorithm needs must be there, and one it
/// does not have must not.
struct Spec {
  std::string algorithm;
  std::optional<Rate> rate;
  std::optional<Tokens> burst;
  std::optional<Tokens> limit;
  std::optional<Duration> window;
  KeySpec key{{.source = KeySource::kClientIp, .header = {}}};
  std::int64_t max_keys = 65'536;  ///< 1 to 100M; a limit whose key is only `global` takes one slot
  Overflow overflow = Overflow::kStealOldest;
  std::optional<SharedSpec> shared;  ///< with other gateways; one gateway alone decides the same
};

/// The algorithms with the options of their own: those of Spec that differ between them.
[[nodiscard]] std::span<const CatalogEntry> catalog() noexcept;
/// `key`, `max_keys`, `overflow`: the options that every algorithm has.
[[nodiscard]] std::span<const OptionInfo> common_options() noexcept;

/// `steal_oldest`, `admit`, `refuse`. Fails with kInvalidConfig at "overflow".
[[nodiscard]] Result<Overflow> parse_overflow(std::string_view text);
[[nodiscard]] std::string_view to_text(Overflow overflow) noexcept;

/// A limiter for many callers. A value: it moves, it does no I/O, reads no clock. One thread at a
/// time; callers guard or shard it.
class Limiter {
 public:
  /// `parts` are the texts of spec().key in its order; see key_of().
  [[nodiscard]] std::uint64_t key(std::span<const std::string_view> parts) const noexcept {
    return key_of(parts, seed_);
  }

  /// The answer for the caller `key`. Requires: cost >= 1. O(1), no allocation.
  [[nodiscard]] Decision admit(std::uint64_t key, TimePoint now,
                               Tokens cost = {.count = 1}) noexcept {
    return std::visit([&](auto& table) { return table.admit(key, now, cost); }, table_);
  }

  /// For the field `RateLimit-Policy`.
  [[nodiscard]] Quota quota() const noexcept {
    return std::visit([](const auto& table) { return table.policy().quota(); }, table_);
  }
  /// O(max_keys).
  [[nodiscard]] TableCounters counters(TimePoint now) const noexcept {
    return std::visit([&](const auto& table) { return table.counters(now); }, table_);
  }
  [[nodiscard]] const Spec& spec() const noexcept { return spec_; }

 private:
  using Table = std::variant<Keyed<TokenBucket>, Keyed<FixedWindow>>;
  Limiter(Spec spec, std::uint64_t seed, Table table)
      : spec_(std::move(spec)), seed_(seed), table_(std::move(table)) {}
  friend Result<Limiter> make(const Spec& spec, std::uint64_t seed);

  Spec spec_;
  std::uint64_t seed_;
  Table table_;
};

/// The limiter that `spec` describes. `seed` decides which callers collide in its table:
/// unpredictable in a gateway, the run's in a simulation. Fails with kInvalidConfig, `where` naming
/// the field
/// ("algorithm", "rate", "burst", "limit", "window", "key", "max_keys"), and says what there is.
[[nodiscard]] Result<Limiter> make(const Spec& spec, std::uint64_t seed);

}  // namespace headgate::ratelimit
