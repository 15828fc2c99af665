// The windows that limits take.
#pragma once

#include <chrono>
#include <cstdint>

#include "headgate/core/time.hpp"

namespace headgate::ratelimit {

inline constexpr Duration kWindowMin = std::chrono::milliseconds{1};
/// 36 years: two of them are added to a time without overflow.
inline constexpr Duration kWindowMax{std::int64_t{1} << 60};

}  // namespace headgate::ratelimit
