#include "headgate/core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "headgate/core/check.hpp"
#include "headgate/core/wide.hpp"

namespace headgate {
namespace {

constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::int64_t size;
};

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::array kDurationUnits = std::to_array<Unit>({{"d", 86'400 * kSecond},
                                                           {"h", 3'600 * kSecond},
                                                           {"m", 60 * kSecond},
                                                           {"s", kSecond},
                                                           {"ms", 1'000'000},
                                                           {"us", 1'000},
                                                           {"ns", 1}});
constexpr std::array kPeriods = std::to_array<Unit>({{"s", kSecond},
                                                     {"min", 60 * kSecond},
                                                     {"h", 3'600 * kSecond},
                                                     {"day", 86'400 * kSecond},
                                                     {"m", 60 * kSecond},
                                                     {"hour", 3'600 * kSecond},
                                                     {"d", 86'400 * kSecond}});
constexpr std::array kByteUnits = std::to_array<Unit>({{"TiB", 1LL << 40},
                                                       {"GiB", 1LL << 30},
                                                       {"MiB", 1LL << 20},
                                                       {"KiB", 1LL << 10},
                                                       {"TB", 1'000'000'000'000},
                                                       {"GB", 1'000'000'000},
                                                       {"MB", 1'000'000},
                                                       {"KB", 1'000},
                                                       {"kB", 1'000},
                                                       {"B", 1}});
constexpr std::array kCountUnits =
    std::to_array<Unit>({{"G", 1'000'000'000}, {"M", 1'000'000}, {"k", 1'000}, {"", 1}});

/// A decimal number as written: digits without the point, and how many stood behind it.
struct Decimal {
  std::int64_t digits = 0;
  int scale = 0;
};

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Takes the decimal number at the start of `text`; nothing if there is none or it is too long.
std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t used = 0;
  int digits = 0;
  bool point = false;
  for (; used < text.size(); ++used) {
    const char c = text[used];
    if (c == '.' && !point && digits > 0) {
      point = true;
      continue;
    }
    if (!is_digit(c)) break;
    if (++digits > 18) return std::nullopt;
    number.digits = number.digits * 10 + (c - '0');
    number.scale += point ? 1 : 0;
  }
  if (digits == 0 || text[used - 1] == '.') return std::nullopt;
  text.remove_prefix(used);
  return number;
}

std::string_view take_word(std::string_view& text) {
  const auto* end = std::find_if(text.begin(), text.end(),
                                 [](char c) { return is_digit(c) || c == '.' || c == '/'; });
  const auto word = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  text.remove_prefix(word.size());
  return word;
}

std::optional<std::int64_t> unit_size(std::span<const Unit> units, std::string_view name) {
  const auto found = std::ranges::find(units, name, &Unit::name);
  if (found == units.end()) return std::nullopt;
  return found->size;
}

std::int64_t power_of_ten(int exponent) noexcept {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

/// number * unit as a whole; nothing if it is not whole or does not fit.
std::optional<std::int64_t> scaled(Decimal number, std::int64_t unit) {
  const Int128 product = static_cast<Int128>(number.digits) * unit;
  const std::int64_t divisor = power_of_ten(number.scale);
  if (product % divisor != 0 || product / divisor > kInt64Max) return std::nullopt;
  return static_cast<std::int64_t>(product / divisor);
}

std::unexpected<Error> not_a(std::string_view text, std::string why) {
  return failed(Errc::kInvalidArgument, std::string{text}, std::move(why));
}

Result<std::int64_t> parse_with_units(std::string_view text, std::span<const Unit> units,
                                      std::string_view form) {
  std::string_view rest = text;
  const auto number = take_decimal(rest);
  if (!number) return not_a(text, fmt::format("must be written like {}", form));
  const auto unit = unit_size(units, rest);
  if (!unit) {
    return not_a(text, rest.empty() ? fmt::format("has no unit; write it like {}", form)
                                    : fmt::format("has the unknown unit '{}'; write it like {}",
                                                  rest, form));
  }
  const auto value = scaled(*number, *unit);
  if (!value) return not_a(text, "is not a whole number of the smallest unit, or too large");
  return *value;
}

std::string largest_whole(std::int64_t value, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (value != 0 && value % unit.size == 0)
      return fmt::format("{}{}", value / unit.size, unit.name);
  }
  return fmt::format("{}{}", value, units.back().name);
}

}  // namespace

Rate make_rate(std::int64_t count, Duration per) noexcept {
  HG_ASSERT(count >= 0 && per.count() > 0);
  const std::int64_t divisor = std::max<std::int64_t>(1, std::gcd(count, per.count()));
  return {.count = count / divisor, .per = Duration{per.count() / divisor}};
}

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::string_view kForm = "250us, 10ms, 2s or 1h30m";
  std::string_view rest = text;
  std::int64_t total = 0;
  std::int64_t last_unit = kInt64Max;
  do {
    const auto number = take_decimal(rest);
    if (!number) return not_a(text, fmt::format("must be a duration such as {}", kForm));
    const std::string_view name = take_word(rest);
    if (name.empty()) return not_a(text, fmt::format("has no unit; write it like {}", kForm));
    const auto unit = unit_size(kDurationUnits, name);
    if (!unit || *unit >= last_unit) {
      return not_a(text,
                   fmt::format("has no place for the unit '{}'; write it like {}", name, kForm));
    }
    const auto part = scaled(*number, *unit);
    if (!part || *part > kInt64Max - total) {
      return not_a(text, "is not a whole number of nanoseconds below 292 years");
    }
    total += *part;
    last_unit = *unit;
  } while (!rest.empty());
  return Duration{total};
}

Result<Rate> parse_rate(std::string_view text) {
  constexpr std::string_view kForm = "100/s, 2.5/s, 5000/min or 1M/day";
  const auto slash = text.find('/');
  std::string_view rest = text.substr(0, slash);
  const auto number = take_decimal(rest);
  const auto unit = unit_size(kCountUnits, rest);
  if (slash == std::string_view::npos || !number || !unit) {
    return not_a(text, fmt::format("must be a rate such as {}", kForm));
  }
  const std::string_view period = text.substr(slash + 1);
  auto per = unit_size(kPeriods, period);
  if (!per) {
    const auto duration = parse_duration(period);
    if (!duration || *duration <= Duration::zero()) {
      return not_a(text,
                   fmt::format("has the unknown period '{}'; write it like {}", period, kForm));
    }
    per = duration->count();
  }
  const auto count = scaled({.digits = number->digits, .scale = 0}, *unit);
  const auto scaled_per = scaled({.digits = *per, .scale = 0}, power_of_ten(number->scale));
  if (!count || !scaled_per) return not_a(text, "is too large");
  return make_rate(*count, Duration{*scaled_per});
}

Result<Bytes> parse_bytes(std::string_view text) {
  const auto value = parse_with_units(text, kByteUnits, "512B, 16KiB or 10MB");
  if (!value) return std::unexpected(value.error());
  return Bytes{static_cast<std::uint64_t>(*value)};
}

Result<std::int64_t> parse_count(std::string_view text) {
  return parse_with_units(text, kCountUnits, "2000000, 20k or 2M");
}

Result<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return not_a(text, "must be a number such as 4 or 0.25");
  }
  return value;
}

Result<Share> parse_share(std::string_view text) {
  const bool percent = text.ends_with('%');
  const auto value = parse_number(percent ? text.substr(0, text.size() - 1) : text);
  const double of_one = value ? (percent ? *value / 100 : *value) : -1;
  if (of_one < 0 || of_one > 1) return not_a(text, "must be a share such as 5% or 0.05, 0 to 1");
  return Share{of_one};
}

std::string to_text(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  return largest_whole(duration.count(), kDurationUnits);
}

std::string to_text(const Rate& rate) {
  constexpr std::size_t kCanonicalPeriods = 4;
  for (const Unit& period : std::span{kPeriods}.first(kCanonicalPeriods)) {
    const Int128 scaled_count = static_cast<Int128>(rate.count) * period.size;
    if (scaled_count % rate.per.count() == 0 && scaled_count / rate.per.count() <= kInt64Max) {
      return fmt::format("{}/{}", static_cast<std::int64_t>(scaled_count / rate.per.count()),
                         period.name);
    }
  }
  return fmt::format("{}/{}", rate.count, to_text(rate.per));
}

std::string to_text(Bytes bytes) {
  for (const Unit& unit : kByteUnits) {
    const auto size = static_cast<std::uint64_t>(unit.size);
    if (bytes.count != 0 && bytes.count % size == 0) {
      return fmt::format("{}{}", bytes.count / size, unit.name);
    }
  }
  return "0B";
}

std::string to_text(Share share) { return fmt::format("{}", share.of_one); }

std::string count_to_text(std::int64_t count) { return largest_whole(count, kCountUnits); }

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({change, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace headgate
