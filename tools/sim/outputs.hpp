// The files that `sim run` writes beside its table: what each is called on the command line and
// what goes into it.
#pragma once

#include <atomic>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/sim/experiment.hpp"

// The library calls itself so.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace headgate::sim_tool {

struct Outputs {
  std::string json;
  bool welch = false;   ///< in the JSON: the course that the warm-up was found in
  bool series = false;  ///< in the JSON: each point over time
  std::string csv;
  std::string markdown;
  std::string junit;
  std::string html;
};

/// Adds --json, --welch, --series, --csv, --markdown, --junit and --html to a command.
void add_options(CLI::App& command, Outputs& outputs);

/// Writes what was asked for; beside a JSON document, FILE.manifest.json says under which
/// circumstances the results came about. What shows a point over time simulates its first
/// replication once more, on `threads` threads, unless `stop` is true. Fails with the file that
/// could not be written.
[[nodiscard]] Result<void> write(const sim::Results& results, const Outputs& outputs,
                                 const std::vector<std::string>& command, unsigned threads,
                                 const std::atomic<bool>& stop);

}  // namespace headgate::sim_tool
