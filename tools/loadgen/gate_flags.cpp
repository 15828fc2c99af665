#include "gate_flags.hpp"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "headgate/report/file.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::loadgen {

void add_gate_flags(CLI::App& command, GateFlags& flags) {
  command
      .add_option("--metric", flags.metrics,
                  "what is gated, such as p50,p99,throughput,failed_share (the default)")
      ->delimiter(',');
  command
      .add_option("--min-effect", flags.least_effects,
                  "the change that is still allowed, such as p99=10%; to find a change, allow less "
                  "than it (default: 5%, from p99 up 10%, shares 0.1 points)")
      ->delimiter(',');
  command
      .add_option("--alpha", flags.alpha,
                  "how likely a false alarm of any metric may be, over all looks")
      ->check(CLI::Range(1e-6, 0.5))
      ->capture_default_str();
  command.add_option("--json", flags.json, "write all figures to this file");
  command.add_option("--junit", flags.junit, "write a test case for each metric to this file");
  command.add_option("--markdown", flags.markdown,
                     "write a summary to this file; on GitHub \"$GITHUB_STEP_SUMMARY\"");
  command.add_flag("--github", flags.github, "print annotations as GitHub's runners read them");
}

Result<load::GateQuestion> question_of(const GateFlags& flags) {
  load::GateQuestion question;
  question.alpha = flags.alpha;
  question.spending = flags.spending == "obrien-fleming" ? stats::Spending::kObrienFleming
                                                         : stats::Spending::kPocock;
  if (flags.metrics.empty()) question.metrics = stats::gate_metrics_default();
  for (const std::string& name : flags.metrics) {
    auto metric = stats::find_gate_metric(name);
    if (!metric) return std::unexpected(metric.error());
    question.metrics.push_back(*std::move(metric));
  }
  for (const std::string& text : flags.least_effects) {
    const auto set = stats::set_least_effect(question.metrics, text);
    if (!set) return std::unexpected(set.error());
  }
  return question;
}

Result<void> tell(const load::GateReport& report, const nlohmann::ordered_json& document,
                  const GateFlags& flags) {
  std::fputs(load::to_text(report, report::colour_wanted(STDOUT_FILENO)).c_str(), stdout);
  if (flags.github) std::fputs(load::github_text(report).c_str(), stdout);
  Result<void> written;
  const auto write = [&written](const std::string& path, const std::string& text) {
    if (written && !path.empty()) written = report::write_file(path, text);
  };
  write(flags.json, report::to_text(document));
  write(flags.junit, load::junit_text(report));
  write(flags.markdown, load::markdown_text(report));
  return written;
}

}  // namespace headgate::loadgen
