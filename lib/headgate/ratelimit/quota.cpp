#include "headgate/ratelimit/quota.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "headgate/core/check.hpp"

namespace headgate::ratelimit {

Result<Period> parse_period(std::string_view text) {
  const auto* found = std::ranges::find(kPeriodNames, text);
  if (found == kPeriodNames.end()) {
    return failed(Errc::kInvalidConfig, "period", "must be day, week, month or year");
  }
  return static_cast<Period>(found - kPeriodNames.begin());
}

std::string_view to_text(Period period) noexcept {
  return kPeriodNames[static_cast<std::size_t>(period)];
}

Duration end_of_period(Duration since_unix_epoch, Period period) noexcept {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): the calendar is all of it
  const sys_days today = floor<days>(sys_time<Duration>{since_unix_epoch});
  const year_month_day date{today};
  sys_days next;
  switch (period) {
    case Period::kDay:
      next = today + days{1};
      break;
    case Period::kWeek:
      next = today + days{7} - (weekday{today} - Monday);
      break;
    case Period::kMonth:
      next = sys_days{year_month_day{date.year(), date.month(), day{1}} + months{1}};
      break;
    case Period::kYear:
      next = sys_days{(date.year() + years{1}) / January / 1};
      break;
  }
  return duration_cast<Duration>(next.time_since_epoch());
}

Result<PeriodQuota> PeriodQuota::make(const Config& config) {
  constexpr std::int64_t kLimitMax = 1'000'000'000'000'000;
  if (config.limit.count < 1 || config.limit.count > kLimitMax) {
    return failed(Errc::kInvalidConfig, "limit", "must be 1 to 1e15 tokens per period");
  }
  HG_ASSERT(config.epoch >= Duration::zero() && config.epoch <= Duration{std::int64_t{1} << 61});
  return PeriodQuota(config);
}

Decision PeriodQuota::admit(State& state, TimePoint now, Tokens cost) const noexcept {
  return admit_in_window(state, clamped(now), cost, limit_, [this](TimePoint begin) {
    return TimePoint{end_of_period(begin.time_since_epoch() + epoch_, period_) - epoch_};
  });
}

Quota PeriodQuota::quota() const noexcept {
  constexpr std::array<int, 4> kDays{1, 7, 30, 365};
  return {.quota = {limit_}, .window = std::chrono::days{kDays[static_cast<std::size_t>(period_)]}};
}

}  // namespace headgate::ratelimit
