// SIGINT and SIGTERM end what a command does, with what it has until then.
#pragma once

namespace headgate::loadgen {

/// From now on such a signal does not end the process, but is kept.
void catch_signals();
/// Whether one came.
[[nodiscard]] bool interrupted() noexcept;

}  // namespace headgate::loadgen
