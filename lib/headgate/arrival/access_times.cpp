// The times of an access log, whoever wrote it.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "headgate/arrival/lines.hpp"
#include "headgate/arrival/trace.hpp"
#include "headgate/core/rfc3339.hpp"

namespace headgate::arrival {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Takes a text apart from the front. After the first thing that is not there, nothing is.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] bool next_is(char c) const noexcept { return rest_.starts_with(c); }

  void skip(char c) noexcept { take(next_is(c) ? 1 : 0, next_is(c)); }

  /// A number of exactly `digits` digits, within bounds.
  std::int64_t number(std::size_t digits, std::int64_t low, std::int64_t high) noexcept {
    const std::string_view text = rest_.substr(0, digits);
    std::int64_t value = 0;
    for (const char c : text) {
      if (c < '0' || c > '9') return take(0, false), 0;
      value = value * 10 + (c - '0');
    }
    take(digits, text.size() == digits && value >= low && value <= high);
    return value;
  }

  /// `Nov`, as 11.
  std::int64_t month() noexcept {
    const auto* const found = std::ranges::find(kMonths, rest_.substr(0, 3));
    take(3, found != kMonths.end());
    return found - kMonths.begin() + 1;
  }

 private:
  void take(std::size_t size, bool good) noexcept {
    ok_ = ok_ && good;
    rest_ = ok_ ? rest_.substr(size) : std::string_view{};
  }

  std::string_view rest_;
  bool ok_ = true;
};

struct LogTime {
  std::int64_t seconds = 0;      // since 1970
  std::int64_t nanoseconds = 0;  // of the second
  bool whole_second = true;      // nothing finer is known
  std::size_t line = 0;          // that it stands on, from 1
};

/// Seconds since 1970 of a date and a time of day; nothing if there is no such day.
std::optional<std::int64_t> seconds_of(std::int64_t year, std::int64_t month, std::int64_t day,
                                       std::int64_t seconds) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year{static_cast<int>(year)},
                            std::chrono::month{static_cast<unsigned>(month)},
                            std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  return std::int64_t{sys_days{date}.time_since_epoch().count()} * 86'400 + seconds;
}

/// `10:00:00` in seconds; a leap second counts as the one before.
std::int64_t time_of_day(Scanner& scanner) noexcept {
  const std::int64_t hours = scanner.number(2, 0, 23);
  scanner.skip(':');
  const std::int64_t minutes = scanner.number(2, 0, 59);
  scanner.skip(':');
  const std::int64_t seconds = std::min<std::int64_t>(scanner.number(2, 0, 60), 59);
  return (hours * 60 + minutes) * 60 + seconds;
}

/// `+0130` in seconds.
std::int64_t time_zone(Scanner& scanner) noexcept {
  const bool west = scanner.next_is('-');
  scanner.skip(west ? '-' : '+');
  const std::int64_t hours = scanner.number(2, 0, 23);
  const std::int64_t seconds = (hours * 60 + scanner.number(2, 0, 59)) * 60;
  return west ? -seconds : seconds;
}

/// `21/Nov/2026:10:00:00 +0000]`
std::optional<LogTime> common_log_time(std::string_view text) {
  Scanner scanner{text};
  const std::int64_t day = scanner.number(2, 1, 31);
  scanner.skip('/');
  const std::int64_t month = scanner.month();
  scanner.skip('/');
  const std::int64_t year = scanner.number(4, 1970, 9999);
  scanner.skip(':');
  const std::int64_t clock = time_of_day(scanner);
  scanner.skip(' ');
  const std::int64_t zone = time_zone(scanner);
  scanner.skip(']');
  if (!scanner.ok()) return std::nullopt;
  const auto seconds = seconds_of(year, month, day, clock - zone);
  if (!seconds) return std::nullopt;
  return LogTime{.seconds = *seconds};
}

/// `2026-11-20T22:59:59.123456Z"`
std::optional<LogTime> json_time(std::string_view text) {
  const std::size_t end = text.find('"');
  if (end == std::string_view::npos) return std::nullopt;
  const auto time = parse_rfc3339(text.substr(0, end));
  if (!time) return std::nullopt;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*time);
  return LogTime{.seconds = seconds.count(),
                 .nanoseconds = (*time - seconds).count(),
                 .whole_second = !text.substr(0, end).contains('.')};
}

/// What follows `key` and blanks in `line`; nothing if it is not there.
std::optional<std::string_view> after(std::string_view line, std::string_view key) {
  const std::size_t found = line.find(key);
  if (found == std::string_view::npos) return std::nullopt;
  line.remove_prefix(found + key.size());
  return line;
}

std::optional<LogTime> time_of_line(std::string_view line) {
  if (!line.starts_with('{')) {
    const auto bracket = after(line, "[");
    return bracket ? common_log_time(*bracket) : std::nullopt;
  }
  // A quote within a value is written with a backslash, so this can only be a key.
  auto value = after(line, "\"time\":");
  if (!value) return std::nullopt;
  value->remove_prefix(std::min(value->find_first_not_of(' '), value->size()));
  if (!value->starts_with('"')) return std::nullopt;
  return json_time(value->substr(1));
}

/// Each request's offset from the first, and its line, in order. Where only the second is known,
/// its k requests come in equal steps of 1/k s.
std::vector<std::pair<Duration, std::size_t>> offsets_of(std::vector<LogTime> times) {
  std::ranges::sort(times, {}, [](const LogTime& time) {
    return std::tuple{time.seconds, !time.whole_second, time.nanoseconds, time.line};
  });
  const std::int64_t first = times.front().seconds;
  std::vector<std::pair<Duration, std::size_t>> offsets;
  for (std::size_t i = 0; i < times.size();) {
    std::size_t end = i;
    while (end < times.size() && times[end].whole_second &&
           times[end].seconds == times[i].seconds) {
      ++end;
    }
    const auto alike = static_cast<std::int64_t>(end - i);
    for (std::int64_t k = 0; k < alike; ++k) {
      times[i + static_cast<std::size_t>(k)].nanoseconds = k * 1'000'000'000 / alike;
    }
    i = std::max(end, i + 1);
  }
  offsets.reserve(times.size());
  for (const LogTime& time : times) {
    offsets.emplace_back((time.seconds - first) * 1'000'000'000 + time.nanoseconds, time.line);
  }
  std::ranges::sort(offsets);
  const Duration start = offsets.front().first;
  for (auto& [offset, line] : offsets) offset -= start;
  return offsets;
}

constexpr std::int64_t kSpanMax = 30LL * 365 * 86'400;  // seconds

}  // namespace

Result<AccessLog> read_access_lines(std::string_view text) {
  std::vector<LogTime> times;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    auto time = time_of_line(line);
    if (!time) {
      return wrong_line(number,
                        "has no time: neither {\"time\":\"2026-11-21T10:00:00Z\", …} nor … "
                        "[21/Nov/2026:10:00:00 +0000] …");
    }
    if (!times.empty() && std::abs(time->seconds - times.front().seconds) > kSpanMax) {
      return wrong_line(number, "is more than 30 years from the first");
    }
    time->line = number;
    times.push_back(*time);
  }
  AccessLog log;
  std::vector<Duration> offsets;
  if (!times.empty()) {
    const auto placed = offsets_of(std::move(times));
    offsets.reserve(placed.size());
    log.lines.reserve(placed.size());
    for (const auto& [offset, line] : placed) {
      offsets.push_back(offset);
      log.lines.push_back(line);
    }
  }
  auto arrivals = TraceArrivals::make(std::move(offsets));
  if (!arrivals) return std::unexpected(arrivals.error());
  log.arrivals = *std::move(arrivals);
  return log;
}

Result<TraceArrivals> read_access_log(std::string_view text) {
  auto log = read_access_lines(text);
  if (!log) return std::unexpected(log.error());
  return std::move(log->arrivals);
}

}  // namespace headgate::arrival
