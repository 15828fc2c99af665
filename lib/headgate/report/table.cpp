#include "headgate/report/table.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::report {
namespace {

constexpr char kEscape = '\x1b';
constexpr std::string_view kGap = "  ";

struct Unit {
  double size;
  std::string_view name;
};

constexpr std::array kTimeUnits = std::to_array<Unit>(
    {{1, "ns"}, {1e3, "us"}, {1e6, "ms"}, {1e9, "s"}, {60e9, "min"}, {3600e9, "h"}});
constexpr std::array kRateUnits =
    std::to_array<Unit>({{1, "/s"}, {1e3, "k/s"}, {1e6, "M/s"}, {1e9, "G/s"}});

/// Three significant digits, trailing zeros kept so that columns line up: 1.20, 12.0, 120.
std::string three_digits(double value) {
  const double size = std::abs(value);
  if (size >= 99.95) return fmt::format("{:.0f}", value);
  return fmt::format("{:.{}f}", value, size >= 9.995 ? 1 : 2);
}

/// `value` in the largest unit of which it is at least one after rounding, so never "1000us".
template <class Units>
std::string in_units(double value, const Units& units) {
  std::size_t i = 0;
  while (i + 1 < units.size() && std::abs(value) >= units[i + 1].size * 0.9995) ++i;
  return three_digits(value / units[i].size) + std::string{units[i].name};
}

std::string_view colour_of(Paint paint) noexcept {
  switch (paint) {
    case Paint::kBold:
      return "\x1b[1m";
    case Paint::kRed:
      return "\x1b[31m";
    case Paint::kGreen:
      return "\x1b[32m";
    case Paint::kYellow:
      return "\x1b[33m";
    case Paint::kNone:
      break;
  }
  return {};
}

/// Code points outside colour sequences (ESC [ … m).
std::size_t width_of(std::string_view text) noexcept {
  std::size_t width = 0;
  bool in_colour = false;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;  // of a code point
    if (c == kEscape) in_colour = true;
    if (!in_colour && !continues) ++width;
    if (c == 'm') in_colour = false;
  }
  return width;
}

bool is_set(const char* name) noexcept {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value != nullptr && *value != '\0';
}

}  // namespace

std::string human(Duration duration) {
  if (std::abs(duration.count()) < 1000) return fmt::format("{}ns", duration.count());
  return in_units(static_cast<double>(duration.count()), kTimeUnits);
}

std::string human_rate(double per_second) { return in_units(per_second, kRateUnits); }

std::string human_share(double of_one) {
  const double percent = of_one * 100;
  if (percent == 0) return "0%";
  if (std::abs(percent) < 0.095) return fmt::format("{:.2g}%", percent);
  return three_digits(percent) + "%";
}

std::string painted(std::string_view text, Paint paint, bool colour) {
  if (!colour || paint == Paint::kNone) return std::string{text};
  return fmt::format("{}{}\x1b[0m", colour_of(paint), text);
}

bool colour_wanted(int fd) noexcept {
  const char* const terminal = std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): as above
  const bool dumb = terminal == nullptr || std::string_view{terminal} == "dumb";
  return ::isatty(fd) == 1 && !is_set("NO_COLOR") && !dumb;
}

Table::Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

void Table::add(std::vector<std::string> cells) {
  HG_ASSERT(cells.size() <= columns_.size());
  cells.resize(columns_.size());
  rows_.push_back(std::move(cells));
}

std::string Table::to_text() const {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns_) lines[0].push_back(column.title);
  lines.insert(lines.end(), rows_.begin(), rows_.end());
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < widths.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(line[i]));
    }
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < widths.size(); ++i) {
      if (i > 0) row += kGap;
      const std::string padding(widths[i] - width_of(line[i]), ' ');
      row += columns_[i].align == Align::kRight ? padding + line[i] : line[i] + padding;
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + '\n';
  }
  return text;
}

}  // namespace headgate::report
