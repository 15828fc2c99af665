// `loadgen gate`: is the candidate worse? Asked of stored runs.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "gate_flags.hpp"
#include "headgate/load/stored_gate.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/manifest.hpp"

namespace headgate::loadgen {
namespace {

struct StoredGateFlags {
  std::vector<std::string> baseline;
  std::vector<std::string> candidate;
  GateFlags gate;
};

StoredGateFlags& stored_gate_flags() {
  static StoredGateFlags flags;
  return flags;
}

Result<std::vector<load::StoredRun>> read_runs(const std::vector<std::string>& files) {
  std::vector<load::StoredRun> runs;
  for (const std::string& file : files) {
    auto text = report::read_file(file);
    if (!text) return std::unexpected(text.error());
    runs.push_back({file, *std::move(text)});
  }
  return runs;
}

Result<load::GateReport> ask(const StoredGateFlags& flags) {
  const auto question = question_of(flags.gate);
  if (!question) return std::unexpected(question.error());
  const auto baseline = read_runs(flags.baseline);
  if (!baseline) return std::unexpected(baseline.error());
  const auto candidate = read_runs(flags.candidate);
  if (!candidate) return std::unexpected(candidate.error());
  return load::gate_stored(*baseline, *candidate, *question);
}

}  // namespace

CLI::App* add_gate(CLI::App& app) {
  CLI::App* command = app.add_subcommand("gate", "is one stored run worse than another?");
  StoredGateFlags& set = stored_gate_flags();
  command->add_option("--baseline", set.baseline, "result of loadgen run; may be repeated")
      ->required();
  command->add_option("--candidate", set.candidate, "the same of what may be worse")->required();
  add_gate_flags(*command, set.gate);
  command->footer(
      "Several runs of each, made in turn, are compared pair by pair; ten are needed. Of one run\n"
      "each the seconds are compared, which knows less: see the note that is printed.\n\n"
      "Exit codes: 0 PASS, surely no worse than is allowed; 1 REGRESSION, surely worse;\n"
      "2 usage or unreadable input; 3 INCONCLUSIVE, neither is sure; 4 a run was not valid.\n\n"
      "Examples (beside `loadgen serve --bind 127.0.0.1:9001 --time 2ms --workers 64`):\n"
      "  loadgen run --url http://127.0.0.1:9001/ -R 200/s -d 15s --json a.json\n"
      "  loadgen run --url http://127.0.0.1:9001/ -R 200/s -d 15s --json b.json\n"
      "  loadgen gate --baseline a.json --candidate b.json --metric p50,failed_share");
  return command;
}

ExitCode gate(const std::vector<std::string>& command) {
  const StoredGateFlags& flags = stored_gate_flags();
  const auto report = ask(flags);
  if (!report) {
    complain(report.error());
    return ExitCode::kUsage;
  }
  nlohmann::ordered_json document{{"format", "headgate.gate/1"}};
  document["manifest"] = report::manifest_json(report::collect_manifest(command));
  document.update(load::gate_json(*report));
  if (const auto told = tell(*report, document, flags.gate); !told) {
    complain(told.error());
    return ExitCode::kUsage;
  }
  return load::exit_code(*report);
}

}  // namespace headgate::loadgen
