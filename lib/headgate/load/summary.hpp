// What a run says of itself: the result document `headgate.load/1` for machines and a page of text
// for people, both from the same figures, and the judgement of what was expected of it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/exit_code.hpp"
#include "headgate/load/agent_part.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/run.hpp"
#include "headgate/load/verdict.hpp"
#include "headgate/report/manifest.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::load {

/// A finished run and everything that is said about it.
struct Summary {
  Measured measured;
  std::vector<std::string> targets;  ///< names, in the order of the tally
  std::vector<std::string> causes;   ///< why the measurement is not valid; empty: it is
  std::vector<Judged> expect;
  std::string load;  ///< `open loop, poisson 300/s, 64 connections, 1 thread`
  std::uint64_t seed = 1;
  report::Manifest manifest;
  std::vector<AgentPart> agents = {};  ///< of a run by several; in the order of their slices
};

/// The metric of that name in the unit of its kind; nothing if a load run does not measure it.
/// Shares are of the scheduled requests.
[[nodiscard]] std::optional<double> metric_of(const Measured& measured, std::string_view name);

/// Whether a load run measures the metric of that name.
[[nodiscard]] bool is_measured(std::string_view name);

/// Judges `measured`: its validity, and the expectations.
[[nodiscard]] Summary summarise(Measured measured, const Job& job,
                                const std::vector<stats::Expectation>& expect,
                                report::Manifest manifest);

/// Puts what becomes of the expectations by the figures of `summary` into it.
void judge(Summary& summary, const std::vector<stats::Expectation>& expect);

/// kInvalid before kNo: figures that do not speak of the target cannot fail it.
[[nodiscard]] ExitCode exit_code(const Summary& summary) noexcept;

/// The result document.
[[nodiscard]] nlohmann::ordered_json to_json(const Summary& summary);
/// The page; `colour`: with terminal colours.
[[nodiscard]] std::string to_text(const Summary& summary, bool colour);

}  // namespace headgate::load
