// A leaky bucket as a meter: requests pour in, the rate drains, what would overflow is refused.
//
// `burst` counts as nginx's limit_req does: requests beyond the one that the rate is serving. So an
// idle caller may send burst + 1 at once, and burst 0 is one request at a time, evenly spaced. In
// every other respect it is the token bucket of burst + 1, of which it is the mirror image (drops
// that were poured in against tokens that are left), and its bound is rate * t + burst + 1 in any
// interval of length t. nginx's own counts milliseconds and thousandths of a request; this one
// nanoseconds, with nothing rounded in the caller's favour.
//
// Source: J. Turner, "New directions in communications", IEEE Comm. Mag. 24(10), 1986; ITU-T I.371
// annex A for the equivalence.
#pragma once

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/token_bucket.hpp"

namespace headgate::ratelimit {

class LeakyBucket {
 public:
  struct Config {
    Rate rate;     ///< drained; at most 1e9 per second
    Tokens burst;  ///< held beyond the one in service; 0 to 1e9 - 1
  };
  using State = TokenBucket::State;

  /// Fails with kInvalidConfig, naming the field "rate" or "burst".
  [[nodiscard]] static Result<LeakyBucket> make(const Config& config);

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
  [[nodiscard]] Quota quota() const noexcept { return bucket_.quota(); }

 private:
  explicit LeakyBucket(const TokenBucket& bucket) noexcept : bucket_(bucket) {}
  TokenBucket bucket_;  // of burst + 1
};

static_assert(Policy<LeakyBucket>);

}  // namespace headgate::ratelimit
