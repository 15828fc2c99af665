#include "outputs.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "headgate/load/exports.hpp"
#include "headgate/load/fleet/agent.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/hgrm.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::loadgen {
namespace {

std::string hgrm_of(const load::Summary& summary) {
  return report::hgrm_text(summary.measured.tally.response_time);
}

std::string json_of(const load::Summary& summary) {
  return report::to_text(load::to_json(summary));
}

struct Form {
  std::string_view flag;
  std::string Outputs::* path;
  const char* help;
  std::string (*text)(const load::Summary&);
};

constexpr Form kForms[] = {
    {"--json", &Outputs::json,
     "write the result document here, for report, merge, compare and gate", json_of},
    {"--csv", &Outputs::csv, "write one row for each second here", load::csv_text},
    {"--hgrm", &Outputs::hgrm, "write the response times here as HdrHistogram's percentile table",
     hgrm_of},
    {"--hlog", &Outputs::hlog, "write an HdrHistogram log here, one interval for each second",
     load::hlog_text},
    {"--prometheus", &Outputs::prometheus, "write the figures here in Prometheus' text format",
     load::prometheus_text},
    {"--junit", &Outputs::junit, "write the expectations here, as test cases that CI servers read",
     load::junit_text},
    {"--html", &Outputs::html, "write a page with charts here; it needs no network",
     load::html_text},
};

static_assert(std::ranges::equal(kForms, load::fleet::kFileFlags, {}, &Form::flag),
              "agents must know every flag that writes a file");

}  // namespace

void add_options(CLI::App& command, Outputs& outputs) {
  for (const Form& form : kForms)
    command.add_option(std::string{form.flag}, outputs.*form.path, form.help);
}

bool can_write(const std::string& name) {
  const std::filesystem::path path = name;
  if (path.empty()) return true;
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  std::error_code none;
  const bool there = std::filesystem::exists(path, none);
  if (std::filesystem::is_directory(path, none)) {
    complain({Errc::kIo, name, "is a folder; a file was asked for"});
  } else if (!there && !std::filesystem::is_directory(folder, none)) {
    complain({Errc::kIo, name, "cannot be written: there is no folder for it"});
  } else if (access(there ? path.c_str() : folder.c_str(), W_OK) != 0) {
    complain({Errc::kIo, name, "cannot be written: permission denied"});
  } else {
    return true;
  }
  return false;
}

bool can_write(const Outputs& outputs) {
  bool all = true;
  for (const Form& form : kForms) all = can_write(outputs.*form.path) && all;
  return all;
}

bool write(const std::string& path, const std::function<std::string()>& text) {
  if (path.empty()) return true;
  const auto written = report::write_file(path, text());
  if (!written) complain(written.error());
  return written.has_value();
}

bool write(const load::Summary& summary, const Outputs& outputs) {
  bool all = true;
  for (const Form& form : kForms) {
    all = write(outputs.*form.path, [&] { return form.text(summary); }) && all;
  }
  return all;
}

ExitCode show(const load::Summary& summary, const Outputs& outputs) {
  std::fputs(load::to_text(summary, report::colour_wanted(STDOUT_FILENO)).c_str(), stdout);
  std::fflush(stdout);
  return write(summary, outputs) ? load::exit_code(summary) : ExitCode::kUsage;
}

}  // namespace headgate::loadgen
