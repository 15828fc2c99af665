// A leaky bucket as a queue: requests leave it at a fixed rate; those that come sooner are held,
// and those that find it full are refused.
//
// What passes is evenly spaced: between two requests that were held lies at least the time of one,
// however they came, which is what a service without slack needs. `burst` requests may wait beyond
// the one in service. With `delay`, the first so many of them pass at once and only the others
// wait: bursts of the size of a page load go through, and a flood is still spaced (the two stages
// of nginx's `burst=20 delay=8`). Delay 0 holds every request, delay = burst is a leaky_bucket.
//
// Nobody sleeps here: the decision says for how long the host is to hold the request. The state is
// that of the token bucket of burst + 1; a request waits until the debt it found has shrunk to
// `delay`. In any interval of length t at most rate * t + delay + 1 requests leave.
//
// Source: ITU-T I.371 annex A, the shaper; nginx's ngx_http_limit_req_module for the two stages.
#pragma once

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/token_bucket.hpp"

namespace headgate::ratelimit {

class LeakyQueue {
 public:
  struct Config {
    Rate rate;     ///< at which requests leave; at most 1e9 per second
    Tokens burst;  ///< that may wait beyond the one in service; 0 to 1e9 - 1
    Tokens delay;  ///< of them so many pass at once; 0 to burst
  };
  using State = TokenBucket::State;

  /// Fails with kInvalidConfig, naming the field "rate", "burst" or "delay".
  [[nodiscard]] static Result<LeakyQueue> make(const Config& config);

  /// Admitted with kDelayed and a `delay` above 0, or with kAdmitted and none, or refused.
  [[nodiscard]] Decision admit(State& state, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;
  [[nodiscard]] Decision peek(const State& state, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept {
    State copy = state;
    return admit(copy, now, cost);
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
  LeakyQueue(const TokenBucket& bucket, Tokens delay) noexcept : bucket_(bucket), delay_(delay) {}

  TokenBucket bucket_;  // of burst + 1
  Tokens delay_;
};

static_assert(Policy<LeakyQueue>);

}  // namespace headgate::ratelimit
