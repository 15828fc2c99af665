// The files that a run, stored or just measured, is written to: what each is called on the command
// line and what goes into it.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "headgate/core/exit_code.hpp"
#include "headgate/load/summary.hpp"

namespace headgate::loadgen {

struct Outputs {
  std::string json;
  std::string csv;
  std::string hgrm;
  std::string hlog;
  std::string prometheus;
  std::string junit;
  std::string html;
};

/// Adds --json, --csv, --hgrm, --hlog, --prometheus, --junit and --html to a command.
void add_options(CLI::App& command, Outputs& outputs);

/// Whether `path` could be written; complains if not. Empty: nothing was asked for.
[[nodiscard]] bool can_write(const std::string& path);
/// Writes `text` to `path`, and complains if that fails. Empty: does nothing.
[[nodiscard]] bool write(const std::string& path, const std::function<std::string()>& text);

/// Whether every file has a folder that can be written to; complains of those that have not. To be
/// asked before a long run, not after it.
[[nodiscard]] bool can_write(const Outputs& outputs);

/// Writes what was asked for. A file that cannot be written is complained of, and the others are
/// written all the same.
[[nodiscard]] bool write(const load::Summary& summary, const Outputs& outputs);

/// Prints the page of text, writes the files; kUsage if one could not be written, otherwise what
/// the run comes to.
[[nodiscard]] ExitCode show(const load::Summary& summary, const Outputs& outputs);

}  // namespace headgate::loadgen
