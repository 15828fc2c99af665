// Chance, as an argument. Every part of a run that needs it owns a stream, and a stream is derived
// from the run's seed and the part's own name: adding a part never moves the draws of another, and
// two policies under test see the same customers (common random numbers).
//
// The generator is xoshiro256++. Source: D. Blackman, S. Vigna, "Scrambled linear pseudorandom
// number generators", ACM TOMS 47(4), 2021 (public domain). Bounded draws: D. Lemire, "Fast random
// integer generation in an interval", ACM TOMACS 29(1), 2019.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/wide.hpp"

namespace headgate {

class Random {
 public:
  /// The stream of `seed`. Equal seeds give equal draws on every machine and compiler.
  explicit Random(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) word = mix64(seed += 0x9e3779b97f4a7c15U);
  }

  /// The stream of one part of the run: `Random::stream(seed, "services.orders", request,
  /// "service")`.
  [[nodiscard]] static Random stream(std::uint64_t seed, std::string_view component,
                                     std::uint64_t request = 0,
                                     std::string_view purpose = {}) noexcept {
    return Random{combine64(hash64(purpose, hash64(component, seed)), request)};
  }

  /// 64 fair bits.
  std::uint64_t bits() noexcept {
    const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() noexcept { return static_cast<double>(bits() >> 11) * 0x1.0p-53; }

  /// Uniform in 0 to bound - 1, without bias. Requires: bound >= 1. One draw, rarely more.
  std::uint64_t below(std::uint64_t bound) noexcept {
    HG_ASSERT(bound >= 1);
    Uint128 product = static_cast<Uint128>(bits()) * bound;
    if (static_cast<std::uint64_t>(product) < bound) {
      const std::uint64_t threshold = (0 - bound) % bound;
      while (static_cast<std::uint64_t>(product) < threshold) {
        product = static_cast<Uint128>(bits()) * bound;
      }
    }
    return static_cast<std::uint64_t>(product >> 64);
  }

 private:
  std::array<std::uint64_t, 4> state_{};  // never all zero: mix64 is a bijection of distinct inputs
};

}  // namespace headgate
