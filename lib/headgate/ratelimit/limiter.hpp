// The shape shared by all rate limiters: what they answer, and what an algorithm has to offer so
// that one table (keyed.hpp) can hold it for a million callers.
//
// An algorithm is split in two: a *policy*, built once from the config and never changed, and a
// *state* of at most 16 bytes for each caller. A caller never seen and a caller idle for long are
// the same value, so forgetting an idle caller needs no sweeper and loses nothing.
#pragma once

#include <concepts>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"

namespace headgate::ratelimit {

enum class Reason : std::uint8_t {
  kAdmitted,   ///< within the limit
  kOverLimit,  ///< not now; see retry_after
  kNever,      ///< the cost alone is more than the limiter can ever hold
  kTableFull,  ///< no room for one more caller; the overflow rule has decided
};

/// `admitted`, `over_limit`, `never`, `table_full`.
[[nodiscard]] constexpr std::string_view to_text(Reason reason) noexcept {
  switch (reason) {
    case Reason::kAdmitted:
      return "admitted";
    case Reason::kOverLimit:
      return "over_limit";
    case Reason::kNever:
      return "never";
    case Reason::kTableFull:
      break;
  }
  return "table_full";
}

/// The answer to "may this request pass?". A refusal is a value, no error.
struct Decision {
  bool admitted = false;
  Reason reason = Reason::kOverLimit;
  Tokens remaining{};  ///< what could still be spent at this instant, after this decision
  Duration
      retry_after{};  ///< 0 if admitted; else the least wait until the same request passes, if
                      ///< no other is admitted meanwhile: one nanosecond less is refused; kNever
  Duration reset_after{};  ///< until the caller is as good as new; 0 if it is now
};

/// What a client is told of the limit, for the field `RateLimit-Policy`: `quota` per `window` in
/// the long run. `window` is a whole number of seconds, at least one, so that the field can say it.
struct Quota {
  Tokens quota;
  std::chrono::seconds window{1};
};

/// A rate limiting algorithm. All calls are const and O(1): the caller's state is the only thing
/// that changes, and only when a request is admitted.
///
/// `P::State{}` is a caller never seen. `fresh_at(state)` is the first time from which the state
/// answers every request as `State{}` does. `now` lies between -36 and +146 years (2^60 and 2^62
/// ns); a `now` before an earlier one is answered by what is already spent: it never earns.
/// Requires: cost >= 1.
template <class P>
concept Policy = std::copyable<P> && std::is_trivially_copyable_v<typename P::State> &&
                 std::default_initializable<typename P::State> && sizeof(typename P::State) <= 16 &&
                 requires(const P policy, typename P::State& state, TimePoint now, Tokens cost) {
                   { policy.admit(state, now, cost) } noexcept -> std::same_as<Decision>;
                   { policy.fresh_at(state) } noexcept -> std::same_as<TimePoint>;
                   { policy.quota() } noexcept -> std::same_as<Quota>;
                 };

/// Whether `state` is as good as a caller never seen.
template <Policy P>
[[nodiscard]] constexpr bool is_fresh(const P& policy, const typename P::State& state,
                                      TimePoint now) noexcept {
  return policy.fresh_at(state) <= now;
}

}  // namespace headgate::ratelimit
