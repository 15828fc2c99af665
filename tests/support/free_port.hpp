// For servers that cannot choose a port themselves.
#pragma once

#include <cstdint>

namespace headgate::test {

/// A TCP port of 127.0.0.1 that was free a moment ago: until the server has it another process may
/// take it. Throws std::runtime_error if there is none.
[[nodiscard]] std::uint16_t free_port();

}  // namespace headgate::test
