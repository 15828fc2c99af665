// One measurement: load on one gateway for a moment, and the CPU time that it spent on it.
#pragma once

#include <cstdint>

#include "headgate/core/time.hpp"
#include "peers/servers.hpp"

namespace headgate::study {

inline constexpr int kConnections = 64;

/// CPU time of a process since it started, all its threads.
struct CpuTime {
  Duration total{};  // exact, from the scheduler
  Duration user{};   // in ticks of 10 ms, from /proc/PID/stat
  Duration system{};
};
[[nodiscard]] CpuTime cpu_time(pid_t pid);

struct Slice {
  std::uint64_t requests = 0;
  Duration length{};
  CpuTime cpu;  // spent in this slice

  [[nodiscard]] double us_per_request() const noexcept {
    return static_cast<double>(cpu.total.count()) / 1e3 / static_cast<double>(requests);
  }
};

/// Loads `gateway` with kConnections keep-alive connections in a closed loop for `length`. Throws
/// std::runtime_error if any response was an error: a wrong answer is cheap.
[[nodiscard]] Slice measure(const Gateway& gateway, Duration length);

}  // namespace headgate::study
