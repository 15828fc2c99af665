// A strict window: never more than `limit` tokens in any interval of the window's length, with the
// state and the speed of a token bucket.
//
// It is a token bucket with burst + rate * window = limit, which bounds every interval of that
// length, wherever it starts. What a token bucket of the same nominal limit does not promise (its
// bound is burst more) and a fixed window breaks by a factor of two, is bought with a lower rate:
// in the long run limit - burst tokens per window. A small burst loses little; the default is a
// tenth of the limit. Where even that is too much, take a sliding log, which loses nothing and
// remembers each request.
//
// Source: the (sigma, rho) bound of R. Cruz, "A calculus for network delay", IEEE Trans. Inf.
// Theory 37(1), 1991, solved for the burst.
#pragma once

#include <optional>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/token_bucket.hpp"

namespace headgate::ratelimit {

class StrictWindow {
 public:
  struct Config {
    Tokens limit;     ///< in any interval of the length `window`; 2 to 1e9
    Duration window;  ///< 1 ms to 36 years
    std::optional<Tokens>
        burst;  ///< at one instant; 1 to limit - 1; default limit / 10, at least 1
  };
  using State = TokenBucket::State;

  /// Fails with kInvalidConfig, naming the field "limit", "window" or "burst".
  [[nodiscard]] static Result<StrictWindow> make(const Config& config);

  [[nodiscard]] Decision admit(State& state, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept {
    return bucket_.admit(state, now, cost);
  }
  [[nodiscard]] Decision peek(const State& state, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept {
    return bucket_.peek(state, now, cost);
  }
  void refund(State& state, TimePoint now, Tokens cost = {.count = 1}) const noexcept {
    bucket_.refund(state, now, cost);
  }
  [[nodiscard]] TimePoint fresh_at(const State& state) const noexcept {
    return bucket_.fresh_at(state);
  }
  [[nodiscard]] bool is_fresh(const State& state, TimePoint now) const noexcept {
    return bucket_.is_fresh(state, now);
  }

  /// The limit and window of the config, scaled to whole seconds.
  [[nodiscard]] Quota quota() const noexcept { return quota_of(limit_.count, window_); }

 private:
  StrictWindow(const TokenBucket& bucket, Tokens limit, Duration window) noexcept
      : bucket_(bucket), limit_(limit), window_(window) {}

  TokenBucket bucket_;
  Tokens limit_;
  Duration window_;
};

static_assert(Policy<StrictWindow>);

}  // namespace headgate::ratelimit
