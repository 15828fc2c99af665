#include "headgate/load/agent_part.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::load {
namespace {

constexpr Duration kClockMax = std::chrono::milliseconds{5};

std::string signed_text(Duration offset) {
  return offset < Duration::zero() ? "-" + report::human(-offset) : report::human(offset);
}

}  // namespace

nlohmann::ordered_json agents_json(const std::vector<AgentPart>& agents) {
  report::Json json = report::Json::object();
  for (const AgentPart& agent : agents) {
    json[agent.name] = {{"scheduled", agent.scheduled},
                        {"clock_offset_ns", agent.clock_offset.count()},
                        {"clock_error_ns", agent.clock_error.count()},
                        {"causes", agent.causes}};
    if (!agent.why_missing.empty()) json[agent.name]["missing"] = agent.why_missing;
  }
  return json;
}

std::string agents_text(const std::vector<AgentPart>& agents) {
  if (agents.empty()) return {};
  report::Table table{{{"agent", report::Align::kLeft},
                       {"requests"},
                       {"clock"},
                       {"verdict", report::Align::kLeft}}};
  std::string warnings;
  for (const AgentPart& agent : agents) {
    const bool missing = !agent.why_missing.empty();
    const char* verdict = agent.causes.empty() ? "valid" : "INVALID";
    table.add(
        {agent.name, missing ? "-" : fmt::format("{}", agent.scheduled),
         fmt::format("{} ±{}", signed_text(agent.clock_offset), report::human(agent.clock_error)),
         missing ? "missing: " + agent.why_missing : verdict});
    const Duration off =
        agent.clock_offset < Duration::zero() ? -agent.clock_offset : agent.clock_offset;
    if (off - agent.clock_error > kClockMax) {
      warnings += fmt::format(
          "warning   the clock of {} is {} off: its start was corrected, the hours it writes are "
          "not\n",
          agent.name, signed_text(agent.clock_offset));
    }
  }
  return "\n" + table.to_text() + warnings;
}

}  // namespace headgate::load
