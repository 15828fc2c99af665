#include "headgate/core/hash.hpp"

#include <array>
#include <cstddef>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace headgate {
namespace {

constexpr std::uint64_t kOdd0 = 0xa0761d6478bd642fU;
constexpr std::uint64_t kOdd1 = 0xe7037ed1a0b428dbU;

std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const Uint128 product = static_cast<Uint128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* from, std::size_t size) noexcept {
  std::uint64_t word = 0;
  if (size > 0) std::memcpy(&word, from, size);  // `from` may be null for an empty text
  return word;
}

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = crc;
  }
  return table;
}

std::uint32_t crc32c_table(std::span<const std::byte> bytes, std::uint32_t crc) noexcept {
  static constexpr auto kTable = make_table();
  for (const std::byte b : bytes) {
    crc = kTable[(crc ^ std::to_integer<std::uint32_t>(b)) & 0xff] ^ (crc >> 8);
  }
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t crc32c_sse(std::span<const std::byte> bytes,
                                                           std::uint32_t crc) noexcept {
  std::uint64_t wide = crc;
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  auto narrow = static_cast<std::uint32_t>(wide);
  for (; left > 0; --left, ++at) narrow = _mm_crc32_u8(narrow, std::to_integer<std::uint8_t>(*at));
  return narrow;
}
#endif

}  // namespace

std::uint64_t hash64(std::string_view text, std::uint64_t seed) noexcept {
  static_assert(std::endian::native == std::endian::little);
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t state = seed ^ fold(seed ^ kOdd0, kOdd1 ^ text.size());
  for (; left > 16; left -= 16, at += 16)
    state = fold(load(at, 8) ^ kOdd1, load(at + 8, 8) ^ state);
  const std::uint64_t first = load(at, left < 8 ? left : 8);
  const std::uint64_t second = left > 8 ? load(at + 8, left - 8) : 0;
  return fold(kOdd1 ^ text.size(), fold(first ^ kOdd1, second ^ state));
}

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc) noexcept {
#if defined(__x86_64__)
  static const bool has_sse42 = __builtin_cpu_supports("sse4.2") != 0;
  if (has_sse42) return ~crc32c_sse(bytes, ~crc);
#endif
  return ~crc32c_table(bytes, ~crc);
}

}  // namespace headgate
