// `0.5..0.95 step 0.05`, `10ms..50ms step 10ms`, `100/s..1000/s step 100/s`: the values of a sweep
// without writing each of them down.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::config {

/// More values than anyone waits for.
inline constexpr std::size_t kRangeMax = 10'000;

/// Whether `text` is meant as a range: it has two dots in it.
[[nodiscard]] bool is_range(std::string_view text) noexcept;

/// The values from the first on, step by step, up to the last at most; each is written as the first
/// is: a decimal number and the unit, the same for all three. Decimal digits are counted exactly,
/// so `0.1..0.9 step 0.1` ends with 0.9. Fails with kInvalidArgument; `why` shows the right form.
[[nodiscard]] Result<std::vector<std::string>> expand_range(std::string_view text);

}  // namespace headgate::config
