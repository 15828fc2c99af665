// What the machine did to a run: how much of its processors somebody else had, how long programs
// waited for one, and how many descriptors and ports there are. Read from /proc; what a kernel does
// not tell is nothing, and nobody is blamed for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::load {

/// Sums since the machine started.
struct MachineClock {
  std::uint64_t ticks = 0;         ///< of all processors, idle ones too
  std::uint64_t stolen_ticks = 0;  ///< of those, when a processor was wanted and the host gave none
  std::optional<Duration>
      stalled;     ///< some program waited for a processor (pressure stall, `some`)
  TimePoint at{};  ///< monotonic
};

[[nodiscard]] MachineClock read_machine_clock();

/// What a stretch of time was like.
struct Disturbance {
  double stolen_share = 0;                    ///< of all processor time
  std::optional<double> pressure_share = {};  ///< of the stretch
};

/// Of a stretch shorter than a second nothing is said: ticks are of 10 ms, and one is no share.
[[nodiscard]] Disturbance between(const MachineClock& from, const MachineClock& to) noexcept;

/// The figures of /proc/stat's first line and of a pressure file, for the two above.
[[nodiscard]] Result<MachineClock> parse_machine_clock(std::string_view stat,
                                                       std::string_view pressure);

/// Local ports that connections to one address and port may have; 0: the kernel does not tell.
[[nodiscard]] std::uint32_t ephemeral_ports();

/// Lets this process have as many descriptors as it may; returns how many.
std::uint64_t raise_descriptor_limit();

}  // namespace headgate::load
