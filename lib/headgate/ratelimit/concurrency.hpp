// A concurrency limit: at most `limit` requests at work at once, however fast they come and go.
//
// It bounds what a rate cannot: a caller whose requests have become slow holds more of the service
// at the same rate. A place is taken by `admit` and given back by `refund`, when the request is
// over, in whichever way. When the next place will be free is nobody's knowledge, so a refusal has
// no wait to offer (retry_after is kNever), and a caller with requests at work is never forgotten.
//
// Source: a counting semaphore; E. Dijkstra, EWD 74, 1963.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

class Concurrency {
 public:
  struct Config {
    Tokens limit;  ///< at once; 1 to 1e9
  };
  /// Places taken.
  struct State {
    std::uint64_t taken = 0;
  };

  /// Fails with kInvalidConfig at "limit" if that is out of its range.
  [[nodiscard]] static Result<Concurrency> make(const Config& config);

  /// Takes `cost` places if they are free. `now` does not matter.
  [[nodiscard]] Decision admit(State& state, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;
  [[nodiscard]] Decision peek(const State& state, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept {
    State copy = state;
    return admit(copy, now, cost);
  }
  /// Gives `cost` places back. One that was forgotten by a full table is not given back twice.
  void refund(State& state, TimePoint now, Tokens cost = {.count = 1}) const noexcept;

  [[nodiscard]] TimePoint fresh_at(const State& state) const noexcept {
    return state.taken == 0 ? kTimeMin : TimePoint::max();
  }
  [[nodiscard]] bool is_fresh(const State& state, TimePoint /*now*/) const noexcept {
    return state.taken == 0;
  }
  [[nodiscard]] Quota quota() const noexcept {
    return {.quota = {limit_}, .window = std::chrono::seconds{1}, .concurrent = true};
  }

 private:
  explicit Concurrency(const Config& config) noexcept : limit_(config.limit.count) {}
  std::int64_t limit_;
};

static_assert(Policy<Concurrency>);

}  // namespace headgate::ratelimit
