// Integers to and from bytes in a named order, for files and wires.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace headgate {

/// The big-endian value at the start of `bytes`. Requires: bytes.size() >= sizeof(T).
template <std::unsigned_integral T>
[[nodiscard]] T load_big(std::span<const std::byte> bytes) noexcept {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(static_cast<T>(value << (8 * (sizeof(T) > 1))) |
                           std::to_integer<T>(bytes[i]));
  }
  return value;
}

/// Writes `value` big-endian at the start of `bytes`. Requires: bytes.size() >= sizeof(T).
template <std::unsigned_integral T>
void store_big(std::span<std::byte> bytes, T value) noexcept {
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes[i] = static_cast<std::byte>(value >> (8 * (sizeof(T) - 1 - i)));
  }
}

/// The little-endian value at the start of `bytes`. Requires: bytes.size() >= sizeof(T).
template <std::unsigned_integral T>
[[nodiscard]] T load_little(std::span<const std::byte> bytes) noexcept {
  static_assert(std::endian::native == std::endian::little);
  T value = 0;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

template <std::unsigned_integral T>
void store_little(std::span<std::byte> bytes, T value) noexcept {
  static_assert(std::endian::native == std::endian::little);
  std::memcpy(bytes.data(), &value, sizeof(T));
}

[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) noexcept {
  return std::as_bytes(std::span{text.data(), text.size()});
}

[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace headgate
