// 64-bit hashing: keys of limiters and rings, derivation of random streams. Seeded, so that a
// gateway can be unpredictable to its clients and a simulation repeatable. Not cryptographic.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "headgate/core/wide.hpp"

namespace headgate {

/// A bijection of 64 bits in which every input bit moves every output bit with probability near one
/// half. Source: S. Vigna, splitmix64 (public domain), after D. Stafford's variant 13.
[[nodiscard]] constexpr std::uint64_t mix64(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31);
}

/// One hash out of two; not symmetric.
[[nodiscard]] constexpr std::uint64_t combine64(std::uint64_t a, std::uint64_t b) noexcept {
  return mix64(a + 0x9e3779b97f4a7c15U * (b + 1));
}

/// The hash of `text` under `seed`: the same on every machine of either byte order we build for.
/// Cost: about one multiplication per 8 bytes. Multiply-and-fold after W. Yi's wyhash.
[[nodiscard]] std::uint64_t hash64(std::string_view text, std::uint64_t seed = 0) noexcept;

/// CRC-32C (Castagnoli, reflected 0x82f63b78) of `bytes`, going on from `crc`; 0 to start.
/// Uses SSE4.2 where the processor has it. Source: RFC 3720 section 12.1.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes,
                                   std::uint32_t crc = 0) noexcept;

}  // namespace headgate
