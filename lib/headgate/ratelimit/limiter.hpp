// The shape shared by all rate limiters: what they answer, and what an algorithm has to offer so
// that one table (keyed.hpp) can hold it for a million callers.
//
// An algorithm is split in two: a *policy*, built once from the config and never changed, and a
// *state* of at most 16 bytes for each caller. A caller never seen and a caller idle for long are
// the same value, all zeros, so forgetting an idle caller needs no sweeper and loses nothing.
#pragma once

#include <algorithm>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::ratelimit {

enum class Reason : std::uint8_t {
  kAdmitted,   ///< within the limit
  kOverLimit,  ///< not now; see retry_after
  kNever,      ///< the cost alone is more than the limiter can ever hold
  kTableFull,  ///< no room for one more caller; the overflow rule has decided
  kDelayed,    ///< within the limit, and to be held for `delay` first
};

/// `admitted`, `over_limit`, `never`, `table_full`, `delayed`.
[[nodiscard]] constexpr std::string_view to_text(Reason reason) noexcept {
  switch (reason) {
    case Reason::kAdmitted:
      return "admitted";
    case Reason::kOverLimit:
      return "over_limit";
    case Reason::kNever:
      return "never";
    case Reason::kTableFull:
      return "table_full";
    case Reason::kDelayed:
      break;
  }
  return "delayed";
}

/// The answer to "may this request pass?". A refusal is a value, no error.
struct Decision {
  bool admitted = false;
  Reason reason = Reason::kOverLimit;
  Tokens remaining{};      ///< what could still be spent at this instant, after this decision
  Duration retry_after{};  ///< 0 if admitted; else the least wait until the same request passes, if
                           ///< no other is admitted meanwhile: one nanosecond less is refused;
                           ///< kNever if no wait will do, or if the wait is not known (concurrency)
  Duration reset_after{};  ///< until the caller is as good as new; 0 if it is now; kNever: unknown
  Duration delay{};        ///< of kDelayed: pass it on after this long; else 0
};

/// What a client is told of the limit, for the field `RateLimit-Policy`: `quota` per `window` in
/// the long run. `window` is a whole number of seconds, at least one, so that the field can say it.
struct Quota {
  Tokens quota;
  std::chrono::seconds window{1};
  bool concurrent = false;  ///< `quota` requests at once, whatever the time; no window
};

/// `limit` per `window` if that is whole seconds; else the same rate over the next whole second.
/// Requires: window >= 1 ns.
[[nodiscard]] constexpr Quota quota_of(std::int64_t limit, Duration window) noexcept {
  constexpr Int128 kMax = 999'999'999'999'999;  // the largest integer of a structured field
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(window);
  const Int128 tokens = static_cast<Int128>(Duration{seconds}.count()) * limit / window.count();
  return {.quota = {static_cast<std::int64_t>(std::min(tokens, kMax))}, .window = seconds};
}

/// The times that limiters can tell apart: a century and a year. Earlier and later ones count as
/// the nearest of these.
inline constexpr TimePoint kTimeMin{};
inline constexpr TimePoint kTimeMax{Duration{3'200'000'000'000'000'000}};

[[nodiscard]] constexpr TimePoint clamped(TimePoint now) noexcept {
  // One comparison for both ends: of times before the first, the sign makes the greatest numbers.
  if (static_cast<std::uint64_t>(now.time_since_epoch().count()) >
      static_cast<std::uint64_t>(kTimeMax.time_since_epoch().count())) [[unlikely]] {
    return now < kTimeMin ? kTimeMin : kTimeMax;
  }
  return now;
}

template <class P>
concept HasState = std::copyable<P> && std::is_trivially_copyable_v<typename P::State> &&
                   std::default_initializable<typename P::State> && sizeof(typename P::State) <= 16;

/// A rate limiting algorithm. All calls are const and O(1): the caller's state is the only thing
/// that changes, and only when a request is admitted or given back.
///
/// `P::State{}`, all zero bytes, is a caller never seen. `admit` spends if it admits; `peek`
/// answers exactly what `admit` would and spends nothing; `refund` gives back what an `admit` of
/// that cost has spent, never beyond a full limit. `fresh_at(state)` is the first time from which
/// the state answers every request as `State{}` does, and `is_fresh(state, now)` whether that has
/// come. A `now` before an earlier one is answered by what is already spent: it never earns.
/// Requires: cost >= 1.
template <class P>
concept Policy =
    HasState<P> && requires(const P policy, typename P::State& state,
                            const typename P::State& known, TimePoint now, Tokens cost) {
      { policy.admit(state, now, cost) } noexcept -> std::same_as<Decision>;
      { policy.peek(known, now, cost) } noexcept -> std::same_as<Decision>;
      { policy.refund(state, now, cost) } noexcept;
      { policy.fresh_at(known) } noexcept -> std::same_as<TimePoint>;
      { policy.is_fresh(known, now) } noexcept -> std::same_as<bool>;
      { policy.quota() } noexcept -> std::same_as<Quota>;
    };

/// The same for an algorithm that remembers single requests: each caller has, beside its state, a
/// log of `log_size()` points in time, whose content matters only as far as the state says.
template <class P>
concept LogPolicy =
    HasState<P> && requires(const P policy, typename P::State& state,
                            const typename P::State& known, std::span<TimePoint> log,
                            std::span<const TimePoint> seen, TimePoint now, Tokens cost) {
      { policy.log_size() } noexcept -> std::same_as<std::size_t>;
      { policy.admit(state, log, now, cost) } noexcept -> std::same_as<Decision>;
      { policy.peek(known, seen, now, cost) } noexcept -> std::same_as<Decision>;
      { policy.refund(state, log, now, cost) } noexcept;
      { policy.fresh_at(known, seen) } noexcept -> std::same_as<TimePoint>;
      { policy.is_fresh(known, seen, now) } noexcept -> std::same_as<bool>;
      { policy.quota() } noexcept -> std::same_as<Quota>;
    };

}  // namespace headgate::ratelimit
