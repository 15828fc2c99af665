// Can this machine measure? What would spoil a run is found before it: too few processors or
// descriptors, sleeps that overshoot, a host that takes processors away, programs that already
// fight for them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/load/environment.hpp"

namespace headgate::load {

/// What a run would ask of the machine.
struct DoctorNeeds {
  std::uint32_t connections = 64;
  std::uint32_t threads = 1;
  double connects_per_s = 0;  ///< new connections; 0: they stay
};

/// What the machine is like.
struct DoctorFacts {
  std::uint32_t cores = 0;
  std::string clock_source;   ///< empty: the kernel does not tell
  Duration clock_cost{};      ///< of reading it once
  Duration sleep_late_p50{};  ///< how much later than asked a sleep ends
  Duration sleep_late_p99{};
  std::uint64_t descriptors = 0;        ///< that this process may have
  std::uint32_t ports = 0;              ///< local ones; 0: not known
  Disturbance disturbance;              ///< while the sleeps were measured
  std::optional<std::string> governor;  ///< of the processors' frequency
};

struct Finding {
  enum class Level : std::uint8_t { kGood, kDoubtful, kBad };
  Level level = Level::kGood;
  std::string what;  ///< what was looked at
  std::string found;
  std::string advice;  ///< what to do; empty when good
};

/// Measures for a little over a second.
[[nodiscard]] DoctorFacts examine_machine();
/// One finding for each thing that was looked at.
[[nodiscard]] std::vector<Finding> diagnose(const DoctorFacts& facts, const DoctorNeeds& needs);
/// Whether none is bad.
[[nodiscard]] bool is_fit(const std::vector<Finding>& findings) noexcept;

}  // namespace headgate::load
