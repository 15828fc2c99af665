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
#include "headgate/ratelimit/concurrency.hpp"
#include "headgate/ratelimit/fields.hpp"
#include "headgate/ratelimit/fixed_window.hpp"
#include "headgate/ratelimit/key.hpp"
#include "headgate/ratelimit/keyed.hpp"
#include "headgate/ratelimit/leaky_bucket.hpp"
#include "headgate/ratelimit/leaky_queue.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/quota.hpp"
#include "headgate/ratelimit/shared_spec.hpp"
#include "headgate/ratelimit/sliding_counter.hpp"
#include "headgate/ratelimit/sliding_log.hpp"
#include "headgate/ratelimit/strict_window.hpp"
#include "headgate/ratelimit/token_bucket.hpp"
#include "headgate/ratelimit/unkeyed.hpp"

namespace headgate::ratelimit {

/// What a config says of one limiter. An option that the algorithm needs must be there, and one it
/// does not have must not.
struct Spec {
  std::string algorithm;
  std::optional<Rate> rate;
  std::optional<Tokens> burst;
  std::optional<Tokens> limit;
  std::optional<Duration> window;
  std::optional<WindowStart> start;
  std::optional<Period> period;
  std::optional<Tokens> delay;
  KeySpec key{{.source = KeySource::kClientIp, .header = {}}};
  std::int64_t max_keys = 65'536;  ///< 1 to 100M; a limit whose key is only `global` takes one slot
  Overflow overflow = Overflow::kStealOldest;
  std::optional<SharedSpec> shared;  ///< with other gateways; one gateway alone decides the same
  // How much of an address the key holds, where it holds one: see prefixes_of().
  std::optional<std::int64_t> ipv4_prefix = {};
  std::optional<std::int64_t> ipv6_prefix = {};
  // What clients are told. It changes no decision.
  std::string name = {};  ///< of the limit; empty: the host gives it one
  FieldFamilies fields{FieldFamily::kStandard};
  FieldsOn fields_on = FieldsOn::kAll;
  Duration retry_jitter{};  ///< at most so much is added to the wait that a refusal tells
};

[[nodiscard]] inline AddressPrefixes prefixes_of(const Spec& spec) noexcept {
  constexpr AddressPrefixes kDefault;
  return {.ipv4 = spec.ipv4_prefix.value_or(kDefault.ipv4),
          .ipv6 = spec.ipv6_prefix.value_or(kDefault.ipv6)};
}

/// The algorithms with the options of their own: those of Spec that differ between them.
[[nodiscard]] std::span<const CatalogEntry> catalog() noexcept;
/// `key`, `max_keys`, `fields`, …: the options that every algorithm has.
[[nodiscard]] std::span<const OptionInfo> common_options() noexcept;

/// `steal_oldest`, `admit`, `refuse`. Fails with kInvalidConfig at "overflow".
[[nodiscard]] Result<Overflow> parse_overflow(std::string_view text);
[[nodiscard]] std::string_view to_text(Overflow overflow) noexcept;
/// `epoch`, `first_hit`. Fails with kInvalidConfig at "start".
[[nodiscard]] Result<WindowStart> parse_window_start(std::string_view text);
[[nodiscard]] std::string_view to_text(WindowStart start) noexcept;

/// Where a limiter lives.
struct Hosting {
  std::uint64_t seed = 0;  ///< decides which callers collide: unpredictable in a gateway, the run's
                           ///< in a simulation
  Sharing sharing = Sharing::kSingle;  ///< kMulti: admit, peek, refund, counters are thread-safe
  Duration epoch{};  ///< from the unix epoch to time zero of the run: where calendar windows end
};

/// A limiter for many callers. A value: it moves, it does no I/O, reads no clock. One thread at a
/// time unless it is hosted as kMulti.
class Limiter {
 public:
  /// `parts` are the texts of spec().key in its order; see key_of().
  [[nodiscard]] std::uint64_t key(std::span<const std::string_view> parts) const noexcept {
    return key_of(parts, seed_);
  }

  /// The answer for the caller `key`. Requires: cost >= 1. O(1), no allocation.
  [[nodiscard]] Decision admit(std::uint64_t key, TimePoint now,
                               Tokens cost = {.count = 1}) noexcept;
  /// What admit() would answer now; spends nothing.
  [[nodiscard]] Decision peek(std::uint64_t key, TimePoint now,
                              Tokens cost = {.count = 1}) noexcept;
  /// Gives back what an admit() of `cost` has spent: for a request that was not carried out, and
  /// for the place in a concurrency limit of one that is over.
  void refund(std::uint64_t key, TimePoint now, Tokens cost = {.count = 1}) noexcept;

  // For chains: a decision in steps, as Keyed explains them.
  void prefetch(std::uint64_t key) const noexcept {
    if (is_large_) fetch(key);
  }
  [[nodiscard]] std::size_t hold(std::uint64_t key, TimePoint now, Tokens cost) noexcept;
  [[nodiscard]] Decision commit(std::uint64_t key, std::size_t held, TimePoint now,
                                Tokens cost) noexcept;
  void release(std::uint64_t key) noexcept;

  /// For the field `RateLimit-Policy`.
  [[nodiscard]] Quota quota() const noexcept;
  /// Whether what was spent comes back by refund() alone: see concurrency.hpp.
  [[nodiscard]] bool holds_places() const noexcept { return holds_places_; }
  /// O(max_keys).
  [[nodiscard]] TableCounters counters(TimePoint now) noexcept;
  [[nodiscard]] const Spec& spec() const noexcept { return spec_; }

 private:
  using Table =
      std::variant<Keyed<TokenBucket>, Keyed<FixedWindow>, Keyed<SlidingLog>, Keyed<SlidingCounter>,
                   Keyed<LeakyBucket>, Keyed<LeakyQueue>, Keyed<StrictWindow>, Keyed<Concurrency>,
                   Keyed<PeriodQuota>, Unkeyed<TokenBucket>, Unkeyed<LeakyBucket>,
                   Unkeyed<LeakyQueue>, Unkeyed<StrictWindow>, Unkeyed<Concurrency>>;
  Limiter(Spec spec, std::uint64_t seed, Table table);
  friend class Maker;
  void fetch(std::uint64_t key) const noexcept;

  Spec spec_;
  std::uint64_t seed_;
  Table table_;
  bool is_large_;      // too large to be at hand
  bool holds_places_;  // a quota takes divisions, and each request asks
};

/// The limiter that `spec` describes. Fails with kInvalidConfig, `where` naming the field
/// ("algorithm", "rate", "burst", "limit", "window", "start", "period", "delay", "key",
/// "max_keys", "ipv4_prefix", "ipv6_prefix", "retry_jitter"), and says what there is.
[[nodiscard]] Result<Limiter> make(const Spec& spec, const Hosting& hosting);

}  // namespace headgate::ratelimit
