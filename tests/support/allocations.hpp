// How often a program has allocated: linking this replaces operator new by one that counts.
#pragma once

#include <cstdint>

namespace headgate::test {

/// Allocations of all threads since the program began. A build with a sanitizer counts its malloc.
[[nodiscard]] std::uint64_t allocations() noexcept;

}  // namespace headgate::test
