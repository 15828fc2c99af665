#include "headgate/ratelimit/quota.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <ctime>

#include "headgate/core/random.hpp"
#include "support/time.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

/// Seconds since 1970 of a UTC date and time, by the C library.
std::int64_t utc(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  std::tm time{};
  time.tm_year = year - 1900;
  time.tm_mon = month - 1;
  time.tm_mday = day;
  time.tm_hour = hour;
  time.tm_min = minute;
  time.tm_sec = second;
  return timegm(&time);
}
Duration seconds(std::int64_t count) { return std::chrono::seconds{count}; }

TEST_CASE("quota: periods end where the calendar says") {
  struct Case {
    std::int64_t now;
    Period period;
    std::int64_t end;
  };
  const auto [now, period, end] = GENERATE(values<Case>({
      {utc(2026, 11, 21, 13, 5, 1), Period::kDay, utc(2026, 11, 22)},
      {utc(2026, 11, 21), Period::kDay, utc(2026, 11, 22)},
      {utc(2026, 11, 21, 13), Period::kWeek, utc(2026, 11, 23)},  // a Saturday
      {utc(2026, 11, 22, 23, 59, 59), Period::kWeek, utc(2026, 11, 23)},
      {utc(2026, 11, 23), Period::kWeek, utc(2026, 11, 30)},  // a Monday
      {utc(2026, 11, 21), Period::kMonth, utc(2026, 12, 1)},
      {utc(2026, 12, 31, 23, 59, 59), Period::kMonth, utc(2027, 1, 1)},
      {utc(2028, 2, 28), Period::kMonth, utc(2028, 3, 1)},  // a leap year
      {utc(2027, 2, 28), Period::kMonth, utc(2027, 3, 1)},
      {utc(2028, 2, 29), Period::kDay, utc(2028, 3, 1)},
      {utc(2026, 1, 1), Period::kYear, utc(2027, 1, 1)},
      {utc(2026, 12, 31, 23, 59, 59), Period::kYear, utc(2027, 1, 1)},
      {0, Period::kWeek, utc(1970, 1, 5)},  // 1970 began on a Thursday
      {0, Period::kDay, utc(1970, 1, 2)},
  }));
  CAPTURE(now, end);
  CHECK(end_of_period(seconds(now), period) == seconds(end));
}

TEST_CASE("quota: the days of a century agree with the C library") {
  for (std::int64_t day = 0; day < 36'525; ++day) {
    const std::time_t now = day * 86'400 + 43'200;
    std::tm date{};
    gmtime_r(&now, &date);
    std::tm next{};
    next.tm_year = date.tm_year;
    next.tm_mon = date.tm_mon + 1;
    next.tm_mday = 1;
    if (end_of_period(seconds(now), Period::kMonth) != seconds(timegm(&next))) FAIL(day);
    const std::int64_t to_monday = (8 - date.tm_wday) % 7 == 0 ? 7 : (8 - date.tm_wday) % 7;
    if (end_of_period(seconds(now), Period::kWeek) != seconds((day + to_monday) * 86'400))
      FAIL(day);
  }
}

TEST_CASE("quota: a plan by the month is spent, and comes back on the first") {
  // The run begins on 30 November, noon UTC.
  const Duration epoch = seconds(utc(2026, 11, 30, 12));
  const auto policy =
      PeriodQuota::make({.limit = {1'000}, .period = Period::kMonth, .epoch = epoch}).value();
  PeriodQuota::State state{};
  CHECK(policy.admit(state, at(0s), {600}).remaining == Tokens{400});
  const Decision refused = policy.admit(state, at(1h), {401});
  CHECK_FALSE(refused.admitted);
  CHECK(refused.retry_after == 11h);
  CHECK(policy.admit(state, at(1h), {400}).admitted);
  CHECK(policy.peek(state, at(12h - 1ns)).retry_after == 1ns);
  CHECK(policy.peek(state, at(12h)).admitted);
  CHECK(policy.admit(state, at(12h), {1'001}).reason == Reason::kNever);
  CHECK(policy.admit(state, at(12h)).reset_after == 24h * 31);
  policy.refund(state, at(12h), {1});
  CHECK(policy.is_fresh(state, at(12h)));
}

TEST_CASE("quota: what it announces is in days, and its words are read and printed") {
  const auto days = [](Period period) {
    return PeriodQuota::make({.limit = {9}, .period = period}).value().quota().window;
  };
  CHECK(days(Period::kDay) == 24h);
  CHECK(days(Period::kWeek) == 24h * 7);
  CHECK(days(Period::kMonth) == 24h * 30);
  CHECK(days(Period::kYear) == 24h * 365);
  for (const char* text : {"day", "week", "month", "year"}) {
    CHECK(to_text(parse_period(text).value()) == text);
  }
  CHECK(parse_period("hour").error().where == "period");
  CHECK(PeriodQuota::make({.limit = {0}}).error().where == "limit");
  CHECK(PeriodQuota::make({.limit = {1}}));
  CHECK(PeriodQuota::make({.limit = {1'000'000'000'000'001}}).error().where == "limit");
  CHECK(PeriodQuota::make({.limit = {1'000'000'000'000'000}}));
}

}  // namespace
}  // namespace headgate::ratelimit
