// Was it the target that was measured, or the generator? A tool that is late itself makes every
// target look slow, and most do so silently. This judges a finished run by what the generator did
// wrong on its own; waiting for a target that holds every connection is not its fault.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/load/environment.hpp"

namespace headgate::load {

/// What a run shows about its generator.
struct Evidence {
  bool open_loop = false;
  /// 99th percentile of how long a request waited though it was due and a connection was free.
  Duration lateness_p99{};
  Duration response_p50{};
  std::uint64_t scheduled = 0;
  /// Requests that were due, with a connection free, and still unsent when the schedule ended.
  std::uint64_t overdue = 0;
  double cpu_share_max = 0;      ///< of a core, by the busiest thread; spinning is not counted
  Disturbance disturbance = {};  ///< of the machine, over the run
  std::uint64_t out_of_descriptors = 0;  ///< connections that failed for want of one
  std::uint64_t out_of_ports = 0;        ///< the same of a local port
};

inline constexpr Duration kLatenessFloor = std::chrono::milliseconds{1};
inline constexpr double kLatenessShare = 0.10;  ///< of the median response time
inline constexpr double kOverdueShare = 0.01;   ///< of the scheduled requests
inline constexpr double kCpuShare = 0.85;
inline constexpr double kStolenShare = 0.02;    ///< of all processor time, by the host
inline constexpr double kPressureShare = 0.60;  ///< of the run; in an open loop lateness tells more
/// Descriptors that a process has beside its connections.
inline constexpr std::uint64_t kDescriptorsSpare = 64;

/// One sentence for each reason why the figures do not speak of the target; empty if the run is
/// valid. An open loop must be punctual: p99 of lateness at most the larger of 1 ms (a shared
/// machine's scheduling noise) and a tenth of the median response time, and at most 1 % overdue. No
/// thread may use over 85 % of a core: beyond that, requests queue inside the generator unseen. The
/// host may have taken 2 % of the processors; a closed loop, whose rate is the result, may have run
/// while some program waited for a processor for 60 % of the time, the generator or its target.
/// None may have been without a descriptor or a port.
[[nodiscard]] std::vector<std::string> causes_of_invalidity(const Evidence& evidence);

}  // namespace headgate::load
