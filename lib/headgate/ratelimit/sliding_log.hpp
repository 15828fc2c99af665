// A sliding log: never more than `limit` tokens in any interval of the window's length, and none
// refused that would fit.
//
// It remembers when each token was spent. A token counts for exactly one window's length; a request
// passes if, with it, at most `limit` tokens count. That is the limit as people mean it, and the
// only algorithm here that is exact on both sides. The price is memory: `limit` times eight bytes
// for each caller, taken at the start (limit * max_keys is bounded by the catalog). Where the
// memory is too dear, a strict_window keeps the bound and gives up some of the rate.
//
// The log is a ring of times in order. Expired ones are found by a binary search and dropped when
// something is admitted; a refusal writes nothing. O(log limit + cost).
//
// Source: folklore; A. Erlang's loss system is its refusal rate under Poisson arrivals (each token
// a server held for a window).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

class SlidingLog {
 public:
  struct Config {
    Tokens limit;     ///< in any interval of the length `window`; 1 to 1e6
    Duration window;  ///< 1 ms to 36 years (2^60 ns)
  };
  /// Where the ring begins, how many times it holds, and the last time spent at. That outlives a
  /// refund: what has expired by then is dropped, and a clock that goes back must not miss it.
  struct State {
    std::uint32_t head = 0;
    std::uint32_t size = 0;
    TimePoint latest{};
  };

  /// Fails with kInvalidConfig, naming the field "limit" or "window", if one is out of its range.
  [[nodiscard]] static Result<SlidingLog> make(const Config& config);

  /// `limit`: the size of every log given to the calls below.
  [[nodiscard]] std::size_t log_size() const noexcept { return limit_; }

  /// Spends `cost` tokens if they fit; otherwise spends nothing. A `now` before the last time spent
  /// at is taken for that.
  [[nodiscard]] Decision admit(State& state, std::span<TimePoint> log, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;
  [[nodiscard]] Decision peek(const State& state, std::span<const TimePoint> log, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept;
  /// Forgets the `cost` tokens spent last.
  void refund(State& state, std::span<const TimePoint> log, TimePoint now,
              Tokens cost = {.count = 1}) const noexcept;

  [[nodiscard]] TimePoint fresh_at(const State& state,
                                   std::span<const TimePoint> log) const noexcept {
    if (state.size == 0) return state.latest;
    return std::max(state.latest, at(state, log, state.size - 1) + window_);
  }
  [[nodiscard]] bool is_fresh(const State& state, std::span<const TimePoint> log,
                              TimePoint now) const noexcept {
    return fresh_at(state, log) <= clamped(now);
  }

  /// `limit` per `window` if that is whole seconds; else the same rate over the next whole second.
  [[nodiscard]] Quota quota() const noexcept { return quota_of(limit_, window_); }

 private:
  explicit SlidingLog(const Config& config) noexcept
      : limit_(static_cast<std::uint32_t>(config.limit.count)), window_(config.window) {}

  /// The time with `rank` older ones in the ring.
  [[nodiscard]] TimePoint at(const State& state, std::span<const TimePoint> log,
                             std::uint32_t rank) const noexcept {
    const std::uint64_t place = std::uint64_t{state.head} + rank;
    return log[place < limit_ ? place : place - limit_];
  }
  [[nodiscard]] std::uint32_t expired(const State& state, std::span<const TimePoint> log,
                                      TimePoint now) const noexcept;

  std::uint32_t limit_;
  Duration window_;
};

static_assert(LogPolicy<SlidingLog>);

}  // namespace headgate::ratelimit
