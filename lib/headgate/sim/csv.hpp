// One line of a trace as fields, and numbers as text, without a copy: a million lines a second pass
// through here. Fields are those of RFC 4180: separated by commas; one in double quotes may hold
// commas, and two double quotes in it mean one. A field does not go over a line's end.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "headgate/core/result.hpp"

namespace headgate::sim {

/// Splits `line` into exactly N fields as they stand there, quotes included. Nothing: there are
/// fewer or more, or a quote is never closed. O(length).
template <std::size_t N>
[[nodiscard]] std::optional<std::array<std::string_view, N>> split_csv(
    std::string_view line) noexcept {
  std::array<std::string_view, N> fields;
  std::size_t count = 0;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i < line.size() && line[i] == '"') quoted = !quoted;
    if (i < line.size() && (quoted || line[i] != ',')) continue;
    if (count == N) return std::nullopt;
    fields[count++] = line.substr(begin, i - begin);
    begin = i + 1;
  }
  if (count != N || quoted) return std::nullopt;
  return fields;
}

/// What a field means: itself, or without its quotes, in which case it may be put into `scratch`.
[[nodiscard]] inline std::string_view unquoted(std::string_view field, std::string& scratch) {
  if (field.size() < 2 || field.front() != '"' || field.back() != '"') return field;
  field = field.substr(1, field.size() - 2);
  if (!field.contains('"')) return field;
  scratch.clear();
  for (std::size_t i = 0; i < field.size(); ++i) {
    scratch += field[i];
    if (field[i] == '"') ++i;  // the second of a pair
  }
  return scratch;
}

/// The whole of `text` as a decimal integer with an optional minus, or nothing.
[[nodiscard]] inline std::optional<std::int64_t> parse_integer(std::string_view text) noexcept {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What a replay says of a line that it cannot take; the caller knows which line it is.
[[nodiscard]] inline std::unexpected<Error> wrong_line(std::string why) {
  return failed(Errc::kInvalidArgument, {}, std::move(why));
}

inline void append_integer(std::string& out, std::int64_t value) {
  std::array<char, 20> digits;
  const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  static_cast<void>(error);  // twenty characters hold every value
  out.append(digits.data(), end);
}

}  // namespace headgate::sim
