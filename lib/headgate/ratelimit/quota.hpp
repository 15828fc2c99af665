// A quota: so many tokens per day, week, month or year of the calendar.
//
// A plan is sold by the month, and the month ends for every caller when the calendar says, in UTC:
// days at midnight, weeks at midnight before Monday (ISO 8601), months and years on their first.
// Like every fixed window it bounds a period, not an interval: around its end twice the limit may
// pass. Combine it with a token bucket in a chain.
//
// Source: the calendar is the proleptic Gregorian one of std::chrono, which needs no time zone
// data.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/window_count.hpp"

namespace headgate::ratelimit {

enum class Period : std::uint8_t { kDay, kWeek, kMonth, kYear };
inline constexpr std::array<std::string_view, 4> kPeriodNames{"day", "week", "month", "year"};

/// `day`, `week`, `month`, `year`. Fails with kInvalidConfig at "period".
[[nodiscard]] Result<Period> parse_period(std::string_view text);
[[nodiscard]] std::string_view to_text(Period period) noexcept;

/// The end of the calendar period that holds the instant `since_unix_epoch`, on the same scale.
/// Requires: 0 <= since_unix_epoch <= 2^62 ns.
[[nodiscard]] Duration end_of_period(Duration since_unix_epoch, Period period) noexcept;

class PeriodQuota {
 public:
  struct Config {
    Tokens limit;  ///< per period; 1 to 1e15
    Period period = Period::kMonth;
    Duration
        epoch{};  ///< from the unix epoch to time zero of the run; 0 to 2^61 ns (the year 2043)
  };
  using State = WindowCount;

  /// Fails with kInvalidConfig, naming the field "limit", if that is out of its range.
  [[nodiscard]] static Result<PeriodQuota> make(const Config& config);

  [[nodiscard]] Decision admit(State& state, TimePoint now,
                               Tokens cost = {.count = 1}) const noexcept;
  [[nodiscard]] Decision peek(const State& state, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept {
    State copy = state;
    return admit(copy, now, cost);
  }
  void refund(State& state, TimePoint now, Tokens cost = {.count = 1}) const noexcept {
    refund_in_window(state, clamped(now), cost);
  }

  [[nodiscard]] TimePoint fresh_at(const State& state) const noexcept { return state.end; }
  [[nodiscard]] bool is_fresh(const State& state, TimePoint now) const noexcept {
    return state.end <= clamped(now);
  }

  /// `limit` per 1, 7, 30 or 365 days: the field RateLimit-Policy knows no calendar.
  [[nodiscard]] Quota quota() const noexcept;

 private:
  explicit PeriodQuota(const Config& config) noexcept
      : limit_(config.limit.count), period_(config.period), epoch_(config.epoch) {}

  std::int64_t limit_;
  Period period_;
  Duration epoch_;
};

static_assert(Policy<PeriodQuota>);

}  // namespace headgate::ratelimit
