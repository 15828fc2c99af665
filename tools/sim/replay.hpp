// What `sim admit` and `sim pick --trace` share: lines of a trace in, rows of a table out, for as
// long as there are lines, somebody reads and nobody interrupts.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/config/diagnostic.hpp"
#include "headgate/core/exit_code.hpp"
#include "headgate/core/result.hpp"

namespace headgate::sim_tool {

/// Appends the answer to one line, if it has one. `where` of a failure is of no account: the line
/// is named.
using Answer = std::function<Result<void>(std::string_view line, std::string& out)>;

struct Replay {
  std::string path;             ///< of the trace
  std::string_view header;      ///< its first line; empty: it has none
  std::string_view out_header;  ///< the first row; empty: none
  Answer answer;
};

/// Prints the answers to stdout. A failure is printed to stderr, after the rows before it.
[[nodiscard]] ExitCode run(const Replay& replay);

/// Prints what is wrong with a document to stderr.
void print(const std::vector<config::Diagnostic>& diagnostics);

/// Prints `sim: where: why` and answers that the input was of no use.
ExitCode refuse(const Error& error);

}  // namespace headgate::sim_tool
