#include "headgate/config/range.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

namespace headgate::config {
namespace {

constexpr std::string_view kDots = "..";
constexpr std::string_view kStep = " step ";
constexpr std::string_view kForm = "write FIRST..LAST step STEP, as in 10ms..50ms step 10ms";

/// A decimal number and what stands behind it: digits times 10^-places.
struct Decimal {
  std::int64_t digits = 0;
  int places = 0;
  std::string_view unit;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 100 - 1;
  Decimal decimal;
  bool fraction = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !fraction) {
      fraction = true;
    } else if (c >= '0' && c <= '9') {
      if (decimal.digits > kMost / 10) return std::nullopt;
      decimal.digits = decimal.digits * 10 + (c - '0');
      decimal.places += fraction ? 1 : 0;
    } else {
      break;
    }
  }
  if (i == 0 || text[0] == '.' || text[i - 1] == '.') return std::nullopt;
  decimal.unit = text.substr(i);
  return decimal;
}

/// The digits as if there were `places`; nothing if they are too many.
std::optional<std::int64_t> scaled(Decimal decimal, int places) {
  for (; decimal.places < places; ++decimal.places) {
    if (decimal.digits > std::numeric_limits<std::int64_t>::max() / 20) return std::nullopt;
    decimal.digits *= 10;
  }
  return decimal.digits;
}

std::string decimal_text(std::int64_t digits, int places) {
  std::string text = std::to_string(digits);
  if (places == 0) return text;
  const auto after = static_cast<std::size_t>(places);
  if (text.size() <= after) text.insert(0, after + 1 - text.size(), '0');
  text.insert(text.size() - after, ".");
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

std::string_view trimmed(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::unexpected<Error> wrong(std::string_view text, std::string_view why) {
  return failed(Errc::kInvalidArgument, std::string{text}, std::string{why});
}

}  // namespace

bool is_range(std::string_view text) noexcept { return text.contains(kDots); }

Result<std::vector<std::string>> expand_range(std::string_view text) {
  const auto dots = text.find(kDots);
  const auto by = text.find(kStep);
  if (dots == std::string_view::npos || by == std::string_view::npos || by < dots) {
    return wrong(text, kForm);
  }
  const auto first = parse_decimal(trimmed(text.substr(0, dots)));
  const auto last = parse_decimal(trimmed(text.substr(dots + kDots.size(), by - dots - 2)));
  const auto step = parse_decimal(trimmed(text.substr(by + kStep.size())));
  if (!first || !last || !step) return wrong(text, kForm);
  if (first->unit != last->unit || first->unit != step->unit) {
    return wrong(text, "mixes units; write all three in one, as in 500us..2000us step 500us");
  }
  const int places = std::max({first->places, last->places, step->places});
  const auto from = scaled(*first, places);
  const auto to = scaled(*last, places);
  const auto stride = scaled(*step, places);
  if (!from || !to || !stride) return wrong(text, "has too many digits");
  if (*stride == 0) return wrong(text, "must have a step of more than zero");
  if (*to < *from) return wrong(text, "must rise: put the smaller value first");
  const std::int64_t steps = (*to - *from) / *stride;
  if (steps >= static_cast<std::int64_t>(kRangeMax)) {
    return wrong(text, fmt::format("has more than {} values", kRangeMax));
  }
  std::vector<std::string> values;
  for (std::int64_t i = 0; i <= steps; ++i) {
    values.push_back(decimal_text(*from + i * *stride, places) + std::string{first->unit});
  }
  return values;
}

}  // namespace headgate::config
