#include "sim/outputs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "headgate/report/file.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/manifest.hpp"
#include "headgate/report/sheet.hpp"
#include "headgate/sim/results.hpp"

namespace headgate::sim_tool {
namespace {

Result<void> write_json(const sim::Results& results, const Outputs& outputs,
                        const std::vector<std::string>& command) {
  const std::string& path = outputs.json;
  const report::Json document = sim::results_json(results, {.welch = outputs.welch});
  auto written = report::write_file(path, report::to_text(document));
  if (!written) return written;
  const report::Json manifest = report::manifest_json(report::collect_manifest(command));
  return report::write_file(path + ".manifest.json", report::to_text(manifest));
}

}  // namespace

void add_options(CLI::App& command, Outputs& outputs) {
  command.add_option("--json", outputs.json,
                     "Write the results here, and the manifest to FILE.manifest.json");
  command.add_flag("--welch", outputs.welch,
                   "Keep in the results the course of the response time that the warm-up was "
                   "found in, as data of a Welch plot");
  command.add_option("--csv", outputs.csv, "Write every figure with its interval here, one a row");
  command.add_option("--markdown", outputs.markdown,
                     "Write the figures and the expectations here, as tables");
  command.add_option("--junit", outputs.junit,
                     "Write the expectations here, as test cases that CI servers read");
}

Result<void> write(const sim::Results& results, const Outputs& outputs,
                   const std::vector<std::string>& command) {
  Result<void> written;
  if (!outputs.json.empty()) written = write_json(results, outputs, command);
  const report::Sheet sheet = sim::results_sheet(results);
  const auto write_text = [&](const std::string& path, std::string (*text)(const report::Sheet&)) {
    if (written && !path.empty()) written = report::write_file(path, text(sheet));
  };
  write_text(outputs.csv, report::csv_text);
  write_text(outputs.markdown, report::markdown_text);
  write_text(outputs.junit, report::junit_text);
  return written;
}

}  // namespace headgate::sim_tool
