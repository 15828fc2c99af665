// The inner loops of a simulation alone, in nanoseconds of wall time each.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headgate::study {

/// One pop and one push with `pending` events in the queue: the hold model of D. W. Jones, CACM
/// 29(4), 1986.
[[nodiscard]] double hold_ns(std::size_t pending, std::uint64_t steps);
/// The same, where each event also sets four timeouts and takes four back.
[[nodiscard]] double timers_ns(std::size_t pending, std::uint64_t steps);
/// One job of an M/M/1 queue at 0.9 on engine and station, nothing measured.
[[nodiscard]] double mm1_ns(std::uint64_t jobs, std::uint64_t seed);

}  // namespace headgate::study
