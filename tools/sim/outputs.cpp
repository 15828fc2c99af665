#include "sim/outputs.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "headgate/report/file.hpp"
#include "headgate/report/html/page.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/manifest.hpp"
#include "headgate/report/sheet.hpp"
#include "headgate/sim/page.hpp"
#include "headgate/sim/point_record.hpp"
#include "headgate/sim/results.hpp"

namespace headgate::sim_tool {
namespace {

using Records = std::vector<sim::PointRecord>;

Result<void> write_json(const sim::Results& results, const Outputs& outputs, const Records& records,
                        const std::vector<std::string>& command) {
  const std::string& path = outputs.json;
  sim::JsonOptions options{.welch = outputs.welch};
  if (outputs.series) options.series = records;
  const report::Json document = sim::results_json(results, options);
  auto written = report::write_file(path, report::to_text(document));
  if (!written) return written;
  const report::Json manifest = report::manifest_json(report::collect_manifest(command));
  return report::write_file(path + ".manifest.json", report::to_text(manifest));
}

// The page shows some points over time, the JSON all of them.
Records records_for(const sim::Results& results, const Outputs& outputs, unsigned threads,
                    const std::atomic<bool>& stop) {
  const bool page = !outputs.html.empty();
  const bool all = outputs.series && !outputs.json.empty();
  const std::size_t shown = page ? sim::kPointsShown : 0;
  return sim::record_points(
      results.points, results.seed,
      {.threads = threads, .trace = page, .points = all ? results.points.size() : shown}, stop);
}

std::string html_text(const sim::Results& results, const Records& records) {
  const std::string title = results.question.empty() ? "Simulation" : results.question;
  return report::html::page(title, sim::page_json(results, records));
}

}  // namespace

void add_options(CLI::App& command, Outputs& outputs) {
  command.add_option("--json", outputs.json,
                     "Write the results here, and the manifest to FILE.manifest.json");
  command.add_flag("--welch", outputs.welch,
                   "Keep in the results the course of the response time that the warm-up was "
                   "found in, as data of a Welch plot");
  command.add_flag("--series", outputs.series,
                   "Keep in the results how the first replication of each point went over time");
  command.add_option("--html", outputs.html,
                     "Write a page with tables, charts and a replay here; it needs no network");
  command.add_option("--csv", outputs.csv, "Write every figure with its interval here, one a row");
  command.add_option("--markdown", outputs.markdown,
                     "Write the figures and the expectations here, as tables");
  command.add_option("--junit", outputs.junit,
                     "Write the expectations here, as test cases that CI servers read");
}

Result<void> write(const sim::Results& results, const Outputs& outputs,
                   const std::vector<std::string>& command, unsigned threads,
                   const std::atomic<bool>& stop) {
  const Records records = records_for(results, outputs, threads, stop);
  Result<void> written;
  if (!outputs.json.empty()) written = write_json(results, outputs, records, command);
  const report::Sheet sheet = sim::results_sheet(results);
  const auto write_text = [&](const std::string& path, std::string (*text)(const report::Sheet&)) {
    if (written && !path.empty()) written = report::write_file(path, text(sheet));
  };
  write_text(outputs.csv, report::csv_text);
  write_text(outputs.markdown, report::markdown_text);
  write_text(outputs.junit, report::junit_text);
  if (written && !outputs.html.empty()) {
    written = report::write_file(outputs.html, html_text(results, records));
  }
  return written;
}

}  // namespace headgate::sim_tool
