#include "headgate/bus/encoding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>

namespace headgate::bus {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::uint8_t kNoLetter = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoLetter);
  for (std::size_t i = 0; i < kLetters.size(); ++i) {
    values[static_cast<unsigned char>(kLetters[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

std::uint8_t byte_at(std::string_view text, std::size_t at) noexcept {
  return at < text.size() ? static_cast<std::uint8_t>(text[at]) : std::uint8_t{0};
}

/// The length of the well-formed character at the front, 0 if there is none.
std::size_t character_length(std::string_view text) noexcept {
  const std::uint8_t first = byte_at(text, 0);
  if (first < 0x80) return 1;
  const auto is_rest = [text](std::size_t at) { return (byte_at(text, at) & 0xc0) == 0x80; };
  const std::uint8_t second = byte_at(text, 1);
  if (first >= 0xc2 && first <= 0xdf) return is_rest(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool good = (first != 0xe0 || second >= 0xa0) && (first != 0xed || second <= 0x9f);
    return good && is_rest(1) && is_rest(2) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool good = (first != 0xf0 || second >= 0x90) && (first != 0xf4 || second <= 0x8f);
    return good && is_rest(1) && is_rest(2) && is_rest(3) ? 4 : 0;
  }
  return 0;
}

bool is_blank(char c) noexcept { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// One past the string whose opening quote is at `at`.
std::size_t string_end(std::string_view json, std::size_t at) noexcept {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

std::size_t skip_blanks(std::string_view json, std::size_t at) noexcept {
  while (at < json.size() && is_blank(json[at])) ++at;
  return at;
}

/// One past the value that begins at `at`.
std::size_t value_end(std::string_view json, std::size_t at) noexcept {
  std::size_t depth = 0;
  while (at < json.size()) {
    const char c = json[at];
    if (c == '"') {
      at = string_end(json, at);
      if (depth == 0) return at;
      continue;
    }
    if (depth == 0 && (c == ',' || c == '}' || c == ']' || is_blank(c))) return at;
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at;
    if (depth == 0 && (c == '}' || c == ']')) return at;
  }
  return at;
}

}  // namespace

bool is_utf8(std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const std::size_t length = character_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

bool is_attribute_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t byte = byte_at(text, i);
    if (byte < 0x20 || byte == 0x7f) return false;
    if (byte == 0xc2 && byte_at(text, i + 1) < 0xa0) return false;  // U+0080 to U+009F
  }
  return is_utf8(text);
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::uint32_t three = static_cast<std::uint32_t>(byte_at(bytes, i) << 16) |
                                static_cast<std::uint32_t>(byte_at(bytes, i + 1) << 8) |
                                byte_at(bytes, i + 2);
    text += kLetters[three >> 18];
    text += kLetters[(three >> 12) & 63];
    text += i + 1 < bytes.size() ? kLetters[(three >> 6) & 63] : '=';
    text += i + 2 < bytes.size() ? kLetters[three & 63] : '=';
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  static constexpr auto kValues = make_values();
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  text.remove_suffix(padding);
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;  // the lowest `count` of them are not yet in `bytes`
  unsigned count = 0;
  for (const char c : text) {
    const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
    if (value == kNoLetter) return std::nullopt;
    bits = (bits << 6) | value;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>(bits >> count & 0xff);
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) return std::nullopt;  // two texts for the same bytes
  return bytes;
}

std::string compact_json(std::string_view json) {
  std::string compact;
  compact.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    if (json[at] == '"') {
      const std::size_t end = string_end(json, at);
      compact += json.substr(at, end - at);
      at = end;
    } else {
      if (!is_blank(json[at])) compact += json[at];
      ++at;
    }
  }
  return compact;
}

std::string_view json_member(std::string_view json, std::string_view name) {
  std::size_t at = skip_blanks(json, 0) + 1;  // behind the brace
  while (at < json.size()) {
    at = skip_blanks(json, at);
    if (at >= json.size() || json[at] != '"') break;
    const std::size_t key_end = string_end(json, at);
    const std::string_view key = json.substr(at, key_end - at);
    const bool found = key.find('\\') == std::string_view::npos
                           ? key.substr(1, key.size() - 2) == name
                           : nlohmann::json::parse(key).get<std::string>() == name;
    const std::size_t value =
        skip_blanks(json, skip_blanks(json, key_end) + 1);  // behind the colon
    const std::size_t end = value_end(json, value);
    if (found) return json.substr(value, end - value);
    at = skip_blanks(json, end) + 1;  // behind the comma or the last brace
  }
  return {};
}

}  // namespace headgate::bus
