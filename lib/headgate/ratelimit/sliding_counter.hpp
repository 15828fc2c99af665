// A sliding counter: the last window's length of requests, estimated from two counts.
//
// It counts in fixed windows and takes, of the previous one, the share that the sliding window
// still covers, as if its requests had come evenly: spent = previous * (window - elapsed) / window
// + current. The jump at a window's boundary is gone and the state is two counts, which is why edge
// networks use it.
//
// The estimate is not a bound of `limit`: requests that came late in their window are forgotten as
// if they had come early. If all of the limit is spent at the end of one window, they fade while
// the next window begins, and limit - 1 more can pass within a window's length of them: 2 * limit -
// 1 in an interval, and that is the most. No instant sees more than the limit, though.
//
// Refused requests are not counted: a caller that keeps asking is not kept out by it.
//
// Source: Cloudflare, "How we built rate limiting capable of scaling to millions of domains", 2017;
// HAProxy's freq_ctr.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

class SlidingCounter {
 public:
  struct Config {
    Tokens limit;     ///< in the estimated window; 1 to 2^32 - 1
    Duration window;  ///< 1 ms to 36 years (2^60 ns)
  };
  /// Of the last window spent in, its number plus one (0: none), its count and that of the one
  /// before it.
  struct State {
    std::uint64_t window = 0;
    std::uint32_t previous = 0;
    std::uint32_t current = 0;
  };

  /// Fails with kInvalidConfig, naming the field "limit" or "window", if one is out of its range.
  [[nodiscard]] static Result<SlidingCounter> make(const Config& config);

  /// Spends `cost` tokens if the estimate stays within the limit. A `now` before the last window
  /// spent in counts as that window's start.
  [[nodiscard]] Decision admit(State& state, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;
  [[nodiscard]] Decision peek(const State& state, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept {
    State copy = state;
    return admit(copy, now, cost);
  }
  /// Gives back to the current window; what has become the previous one is not touched.
  void refund(State& state, TimePoint now, Tokens cost = {.count = 1}) const noexcept;

  [[nodiscard]] TimePoint fresh_at(const State& state) const noexcept;
  [[nodiscard]] bool is_fresh(const State& state, TimePoint now) const noexcept {
    return fresh_at(state) <= clamped(now);
  }

  /// `limit` per `window` if that is whole seconds; else the same rate over the next whole second.
  [[nodiscard]] Quota quota() const noexcept { return quota_of(limit_, Duration{window_}); }

 private:
  explicit SlidingCounter(const Config& config) noexcept
      : limit_(config.limit.count), window_(config.window.count()) {}

  /// The counts as they are in the window of `now`, and how far that has gone.
  struct View {
    State counts;
    std::int64_t elapsed;  // ns since its start
  };
  [[nodiscard]] View view(const State& state, TimePoint now) const noexcept;
  [[nodiscard]] std::int64_t left(const View& view) const noexcept;
  [[nodiscard]] Duration wait(const View& view, std::int64_t cost) const noexcept;
  [[nodiscard]] std::int64_t faded_at(std::int64_t count, std::int64_t room) const noexcept;
  [[nodiscard]] Duration reset_after(const View& view) const noexcept;

  std::int64_t limit_;
  std::int64_t window_;  // ns
};

static_assert(Policy<SlidingCounter>);

}  // namespace headgate::ratelimit
