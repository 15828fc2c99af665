// What a gate says, to people and to CI: the verdict of each metric with the figures that it came
// from, as text, Markdown, JUnit and GitHub's annotations. `loadgen gate` and `loadgen ab` share
// it.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "headgate/core/exit_code.hpp"
#include "headgate/stats/gate.hpp"

namespace headgate::load {

/// What is asked of a gate.
struct GateQuestion {
  std::vector<stats::GateMetric> metrics;
  double alpha = 0.01;
  stats::Spending spending = stats::Spending::kPocock;
};

struct GateReport {
  std::string baseline;  ///< what it was: a URL, files
  std::string candidate;
  std::string how;  ///< `12 pairs of ABBA blocks, slices of 1s`
  std::vector<stats::GateFinding> findings;
  double alpha = 0.01;
  std::vector<std::string> causes;  ///< why nothing can be said; empty if something can
  std::vector<std::string> notes;   ///< what a reader must know besides
};

/// kInvalid if there are causes, else kNo, kInconclusive or kYes, as overall() says.
[[nodiscard]] ExitCode exit_code(const GateReport& report) noexcept;

[[nodiscard]] std::string to_text(const GateReport& report, bool colour);
/// A heading, a table, the notes: for a job's summary.
[[nodiscard]] std::string markdown_text(const GateReport& report);
/// One test case for each metric; a regression is a failure, an inconclusive or invalid one an
/// error.
[[nodiscard]] std::string junit_text(const GateReport& report);
/// One line for each metric: `::error`, `::warning` or `::notice`, as GitHub's runners read them.
[[nodiscard]] std::string github_text(const GateReport& report);
/// {"verdict", "baseline", "candidate", "how", "alpha", "causes", "notes", "metrics": [{"metric",
/// "verdict", "pairs", "least_effect", "baseline", "candidate", "change": {"value", "low", "high"},
/// "sign_flip": {"low", "high"}, "effects": […]}]}: an end that is not known is null.
[[nodiscard]] nlohmann::ordered_json gate_json(const GateReport& report);

}  // namespace headgate::load
