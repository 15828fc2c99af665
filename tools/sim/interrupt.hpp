// Ctrl-C on a long table: what is done is written and said, the rest is left.
#pragma once

#include <atomic>

namespace headgate::sim_tool {

/// From here on SIGINT and SIGTERM are noted and end a waiting read; a second one ends the process
/// as usual. A reader of our output that leaves is seen as a failed write.
void note_interrupts() noexcept;
[[nodiscard]] bool is_interrupted() noexcept;
/// The same for those that look by themselves.
[[nodiscard]] const std::atomic<bool>& interrupt_flag() noexcept;

}  // namespace headgate::sim_tool
