// What a result says of each agent that had a slice of it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "headgate/core/time.hpp"

namespace headgate::load {

struct AgentPart {
  std::string name;
  std::uint64_t scheduled = 0;           ///< of the whole
  Duration clock_offset{};               ///< of its wall clock ahead of the coordinator's
  Duration clock_error{};                ///< of that, at most
  std::vector<std::string> causes = {};  ///< why its part is not valid
  std::string why_missing = {};          ///< empty: it is here
};

/// {"NAME": {"scheduled", "clock_offset_ns", "clock_error_ns", "causes"}}, and "missing" of one
/// that is.
[[nodiscard]] nlohmann::ordered_json agents_json(const std::vector<AgentPart>& agents);
/// A table with a line for each, and a warning below it for each clock that is more than 5 ms off;
/// empty without agents.
[[nodiscard]] std::string agents_text(const std::vector<AgentPart>& agents);

}  // namespace headgate::load
