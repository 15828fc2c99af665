// Moments as tests write them.
#pragma once

#include "headgate/core/time.hpp"

namespace headgate::test {

/// `since_start` after time zero.
constexpr TimePoint at(Duration since_start) { return TimePoint{since_start}; }

}  // namespace headgate::test
