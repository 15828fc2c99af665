// What a rule for the number of calls in flight learns from, and how far it may go: shared by the
// adaptive limits.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::resilience {

/// A call that has ended.
struct CallSample {
  Duration rtt{};               ///< above 0; less counts as 1 ns
  std::uint32_t in_flight = 0;  ///< when it began, itself included
  bool dropped = false;         ///< refused by the server, or without an answer in time
};

struct LimitRange {
  std::uint32_t initial = 20;
  std::uint32_t min = 20;   ///< at least 1
  std::uint32_t max = 200;  ///< at most 1M
};

/// Fails with kInvalidConfig at "min", "max" or "initial" unless 1 <= min <= initial <= max <= 1M.
[[nodiscard]] Result<void> check_range(const LimitRange& range);

/// The guard that all three share: a limit that is not used says nothing by being fast, and must
/// not grow. Whether the call began with less than half of `limit` in flight.
[[nodiscard]] constexpr bool is_idle(const CallSample& sample, std::uint32_t limit) noexcept {
  return std::uint64_t{sample.in_flight} * 2 < limit;
}

}  // namespace headgate::resilience
