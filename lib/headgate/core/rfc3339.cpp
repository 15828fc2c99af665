#include "headgate/core/rfc3339.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <optional>

namespace headgate {
namespace {

/// Takes fixed-width parts off the front of a text; once one is missing, everything is.
class Parts {
 public:
  explicit Parts(std::string_view text) : rest_(text) {}

  [[nodiscard]] int number(std::size_t digits) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = take();
      if (c < '0' || c > '9') good_ = false;
      value = value * 10 + (c - '0');
    }
    return good_ ? value : 0;
  }
  void literal(char lower_or_only, char upper) {
    const char c = take();
    if (c != lower_or_only && c != upper) good_ = false;
  }
  void literal(char c) { literal(c, c); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  char take() {
    if (rest_.empty()) {
      good_ = false;
      return '\0';
    }
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void fail() { good_ = false; }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

Duration take_fraction(Parts& parts) {
  if (parts.peek() != '.') return {};
  parts.take();
  std::int64_t nanoseconds = 0;
  std::int64_t unit = 100'000'000;
  int digits = 0;
  for (; parts.peek() >= '0' && parts.peek() <= '9' && digits < 9; ++digits, unit /= 10) {
    nanoseconds += (parts.take() - '0') * unit;
  }
  if (digits == 0) parts.fail();
  return Duration{nanoseconds};
}

std::chrono::minutes take_offset(Parts& parts) {
  const char sign = parts.take();
  if (sign == 'Z' || sign == 'z') return {};
  if (sign != '+' && sign != '-') parts.fail();
  const int hours = parts.number(2);
  parts.literal(':');
  const int minutes = parts.number(2);
  if (hours > 23 || minutes > 59) parts.fail();
  const std::chrono::minutes offset{60 * hours + minutes};
  return sign == '-' ? -offset : offset;
}

std::optional<Duration> parse(std::string_view text) {
  Parts parts{text};
  const std::chrono::year year{parts.number(4)};
  parts.literal('-');
  const std::chrono::month month{static_cast<unsigned>(parts.number(2))};
  parts.literal('-');
  const std::chrono::day day{static_cast<unsigned>(parts.number(2))};
  parts.literal('t', 'T');
  const int hour = parts.number(2);
  parts.literal(':');
  const int minute = parts.number(2);
  parts.literal(':');
  const int second = parts.number(2);
  const Duration fraction = take_fraction(parts);
  const std::chrono::minutes offset = take_offset(parts);
  const std::chrono::year_month_day date = year / month / day;
  if (!parts.at_end() || !date.ok() || hour > 23 || minute > 59 || second > 60) return {};
  constexpr std::chrono::year kFirst{1678};
  constexpr std::chrono::year kLast{2261};
  if (year < kFirst || year > kLast) return {};
  return std::chrono::sys_days{date}.time_since_epoch() + std::chrono::hours{hour} +
         std::chrono::minutes{minute} + std::chrono::seconds{second} + fraction - offset;
}

}  // namespace

std::string to_rfc3339(Duration since_epoch) {
  const std::chrono::sys_time<Duration> time{since_epoch};
  const auto midnight = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{midnight};
  const std::chrono::hh_mm_ss<Duration> clock{time - midnight};
  std::array<char, 48> text{};
  int size = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string result{text.data(), static_cast<std::size_t>(size)};
  if (const std::int64_t fraction = clock.subseconds().count(); fraction != 0) {
    size = std::snprintf(text.data(), text.size(), ".%09lld", static_cast<long long>(fraction));
    std::string_view digits{text.data(), static_cast<std::size_t>(size)};
    while (digits.ends_with("000")) digits.remove_suffix(3);
    result += digits;
  }
  return result += 'Z';
}

Result<Duration> parse_rfc3339(std::string_view text) {
  if (const auto time = parse(text)) return *time;
  return failed(Errc::kInvalidArgument, std::string{text},
                "a time is written like 2026-11-20T22:47:51.25Z");
}

}  // namespace headgate
