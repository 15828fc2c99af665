// Which of sixteen keys may be a given one, without a branch: which of them it is cannot be
// foreseen, and a branch foreseen wrongly costs more than to look at all.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace headgate::ratelimit {

using EightKeys = std::array<std::uint64_t, 8>;

/// Bit i: the lower half of `key` is that of a[i], or of b[i - 8]. Requires: a and b begin at
/// multiples of 16 bytes.
[[nodiscard]] inline std::uint32_t alike_of_sixteen(const EightKeys& a, const EightKeys& b,
                                                    std::uint64_t key) noexcept {
#if defined(__SSE2__)
  const __m128i wanted = _mm_set1_epi32(static_cast<int>(key));
  const auto four = [&](const EightKeys& keys, std::size_t i) {  // words of all ones or zeros
    const auto pair = [&](std::size_t at) {
      return _mm_load_ps(reinterpret_cast<const float*>(keys.data() + at));
    };
    constexpr int kLower = 0x88;
    return _mm_cmpeq_epi32(_mm_castps_si128(_mm_shuffle_ps(pair(i), pair(i + 2), kLower)), wanted);
  };
  const auto eight = [&](const EightKeys& keys) {
    return _mm_packs_epi32(four(keys, 0), four(keys, 4));
  };
  return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(eight(a), eight(b))));
#else
  std::uint32_t alike = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto is = [&](std::uint64_t other) {
      return static_cast<std::uint32_t>(other) == static_cast<std::uint32_t>(key) ? 1U : 0U;
    };
    alike |= is(a[i]) << i | is(b[i]) << (i + a.size());
  }
  return alike;
#endif
}

}  // namespace headgate::ratelimit
