// Which bytes may stand where, as one table of bit sets: a look-up per byte instead of comparisons.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace headgate::http::detail {

inline constexpr std::uint8_t kToken = 1;       ///< RFC 9110 section 5.6.2, without '_'
inline constexpr std::uint8_t kUnderscore = 2;  ///< '_', a token character that some servers drop
inline constexpr std::uint8_t kTarget = 4;      ///< in a request target (RFC 3986), brackets too
inline constexpr std::uint8_t kUnreserved = 8;  ///< RFC 3986 section 2.3
inline constexpr std::uint8_t kHost = 16;       ///< in a host name as people use them
inline constexpr std::uint8_t kText = 32;       ///< VCHAR, obs-text, blank, tab
inline constexpr std::uint8_t kUpper = 64;      ///< 'A' to 'Z'

constexpr std::array<std::uint8_t, 256> make_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto mark = [&classes](std::string_view characters, std::uint8_t bit) {
    for (const char c : characters) {
      std::uint8_t& bits = classes[static_cast<unsigned char>(c)];
      bits = static_cast<std::uint8_t>(bits | bit);
    }
  };
  constexpr std::string_view kAlphanumeric =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  mark(kAlphanumeric, kToken | kTarget | kUnreserved | kHost);
  mark("ABCDEFGHIJKLMNOPQRSTUVWXYZ", kUpper);
  mark("!#$%&'*+-.^`|~", kToken);
  mark("_", kUnderscore);
  mark("-._~", kUnreserved);
  mark("-._", kHost);
  mark("-._~:/?[]@!$&'()*+,;=%", kTarget);
  for (unsigned c = 0x20; c < 256; ++c) {
    if (c != 0x7f) classes[c] = static_cast<std::uint8_t>(classes[c] | kText);
  }
  mark("\t", kText);
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> kClasses = make_classes();

[[nodiscard]] constexpr bool is(char c, unsigned classes) noexcept {
  return (kClasses[static_cast<unsigned char>(c)] & classes) != 0;
}

[[nodiscard]] constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// 0 to 15, or -1.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

[[nodiscard]] constexpr char lower(char c) noexcept {
  return is(c, kUpper) ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace headgate::http::detail
