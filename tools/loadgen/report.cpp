// `loadgen report FILE`: a stored run as if it had just been measured.
#include "commands.hpp"
#include "flag_values.hpp"
#include "headgate/load/stored.hpp"
#include "outputs.hpp"

namespace headgate::loadgen {
namespace {

struct ReportArguments {
  std::string file;
  std::vector<std::string> expect;
  Outputs outputs;
};

ReportArguments& report_arguments() {
  static ReportArguments arguments;
  return arguments;
}

Result<load::Summary> stored_run(const ReportArguments& arguments) {
  auto summary = load::read_result(arguments.file);
  if (!summary || arguments.expect.empty()) return summary;
  std::vector<stats::Expectation> expect;
  if (const auto parsed = put_expectations(arguments.expect, expect); !parsed) {
    return std::unexpected(parsed.error());
  }
  load::judge(*summary, expect);
  return summary;
}

}  // namespace

CLI::App* add_report(CLI::App& app) {
  CLI::App* command = app.add_subcommand("report", "show a stored run, and write its other forms");
  ReportArguments& set = report_arguments();
  command->add_option("FILE", set.file, "what `loadgen run --json` has written")->required();
  command->add_option("--expect", set.expect,
                      "judge the run by this instead of what it was run with; may be repeated");
  add_options(*command, set.outputs);
  command->footer(
      "Exit codes are those of the run: 0, 1 an expectation failed, 4 it was not valid; 2 if FILE\n"
      "is no result or a file cannot be written.\n\n"
      "Examples (after `loadgen run --url http://127.0.0.1:9001/ -n 2000 --json result.json`):\n"
      "  loadgen report result.json --html result.html\n"
      "  loadgen report result.json --csv seconds.csv --hgrm result.hgrm --hlog result.hlog\n"
      "  loadgen report result.json --expect 'failed_share < 1%' --junit result.xml");
  return command;
}

ExitCode report() {
  const ReportArguments& arguments = report_arguments();
  const auto summary = stored_run(arguments);
  if (summary) return show(*summary, arguments.outputs);
  complain(summary.error());
  return ExitCode::kUsage;
}

}  // namespace headgate::loadgen
