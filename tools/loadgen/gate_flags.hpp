// What `gate` and `ab` have in common on the command line: what is gated, and where the answer
// goes.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/load/gate_report.hpp"

// The library calls itself so.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace headgate::loadgen {

struct GateFlags {
  std::vector<std::string> metrics;
  std::vector<std::string> least_effects;
  double alpha = 0.01;
  std::string spending = "pocock";
  std::string json;
  std::string junit;
  std::string markdown;
  bool github = false;
};

/// Adds --metric, --min-effect, --alpha, --json, --junit, --markdown and --github.
void add_gate_flags(CLI::App& command, GateFlags& flags);
/// What the flags ask.
[[nodiscard]] Result<load::GateQuestion> question_of(const GateFlags& flags);
/// Prints the report, and GitHub's annotations if asked for; writes the files, `document` as the
/// JSON one. Fails with the file that could not be written.
[[nodiscard]] Result<void> tell(const load::GateReport& report,
                                const nlohmann::ordered_json& document, const GateFlags& flags);

}  // namespace headgate::loadgen
