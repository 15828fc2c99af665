#include "headgate/resilience/deadline.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "headgate/core/check.hpp"

namespace headgate::resilience {
namespace {

struct Unit {
  char letter;
  std::int64_t ns;
};
constexpr std::array<Unit, 6> kUnits{{{'n', 1},
                                      {'u', 1'000},
                                      {'m', 1'000'000},
                                      {'S', 1'000'000'000},
                                      {'M', 60'000'000'000},
                                      {'H', 3'600'000'000'000}}};
constexpr std::int64_t kValueMax = 99'999'999;  // eight digits

std::optional<std::int64_t> digits(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool is_all = error == std::errc{} && end == text.data() + text.size();
  return is_all && text.front() != '-' ? std::optional{value} : std::nullopt;
}

}  // namespace

Result<Duration> parse_timeout(std::string_view text) {
  const bool has_size = text.size() >= 2 && text.size() <= kTimeoutTextMax;
  const std::optional<std::int64_t> value =
      has_size ? digits(text.substr(0, text.size() - 1)) : std::nullopt;
  const auto* const unit =
      has_size ? std::ranges::find(kUnits, text.back(), &Unit::letter) : kUnits.end();
  if (unit == kUnits.end() || !value) {
    return failed(Errc::kInvalidArgument, std::string{text},
                  "must be at most 8 digits and one of n u m S M H, such as 250m");
  }
  if (*value > Duration::max().count() / unit->ns) return Duration::max();
  return Duration{*value * unit->ns};
}

std::size_t write_timeout(Duration left, std::span<char> out) noexcept {
  HG_ASSERT(left >= Duration::zero());
  HG_ASSERT(out.size() >= kTimeoutTextMax);
  const auto* unit = kUnits.begin();
  while (left.count() / unit->ns > kValueMax) ++unit;  // 2^63 ns are 2.6 million hours
  const auto [end, error] =
      std::to_chars(out.data(), out.data() + kTimeoutTextMax - 1, left.count() / unit->ns);
  HG_ASSERT(error == std::errc{});
  *end = unit->letter;
  return static_cast<std::size_t>(end - out.data()) + 1;
}

}  // namespace headgate::resilience
