#include "headgate/arrival/lines.hpp"

#include <charconv>
#include <utility>

#include "headgate/core/text.hpp"

namespace headgate::arrival {
namespace {

Result<Duration> parse_nanoseconds(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return failed(Errc::kInvalidArgument, std::string{text}, "must be whole nanoseconds");
  }
  return Duration{value};
}

}  // namespace

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::unexpected<Error> wrong_line(std::size_t number, std::string why) {
  return failed(Errc::kInvalidArgument, "line " + std::to_string(number), std::move(why));
}

Result<Duration> DurationLines::next() {
  while (!rest_.empty()) {
    const std::string_view line = take_line(rest_);
    ++number_;
    const std::string_view cell = line.substr(0, line.find(','));
    if (cell.empty() || cell.starts_with('#')) continue;
    if (std::exchange(heading_allowed_, false) && (cell[0] < '0' || cell[0] > '9')) {
      bare_ = cell.ends_with("ns");
      continue;
    }
    const auto value = bare_ ? parse_nanoseconds(cell) : parse_duration(cell);
    if (!value) return wrong_line(number_, "'" + std::string{cell} + "' " + value.error().why);
    return value;
  }
  return kNever;
}

}  // namespace headgate::arrival
