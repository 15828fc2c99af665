// The rules that the sources keep, each a function from files to findings, `path:line: what is
// wrong and what to do instead`. No finding: the rule is kept.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "source/tree.hpp"

namespace headgate::source {

using Findings = std::vector<std::string>;

/// The rows of the picture in lib/README.md, from the ground up.
enum class Row { kBase, kPure, kEdge, kWhole };

/// One `headgate_module(NAME USES …)` of CMakeLists.txt.
struct Module {
  Row row = Row::kBase;
  std::size_t line = 0;
  std::set<std::string, std::less<>> uses;
};
using LayerTable = std::map<std::string, Module, std::less<>>;

/// Reads the table: comments `# base`, `# pure`, `# edge`, `# whole` open a row.
[[nodiscard]] LayerTable layer_table(const File& cmake_lists);

/// The table itself: arrows lead to a lower row, within the pure row to a module named earlier; sim
/// sees no socket, file or broker.
[[nodiscard]] Findings upward_arrows(const File& cmake_lists);
/// A file includes only modules that the table gives to its own; a command only its own headers and
/// the library's.
[[nodiscard]] Findings forbidden_includes(const File& file, const LayerTable& table);

/// Base and pure modules: no clock, thread, file, socket, printing, foreign distribution. The
/// simulator and the config reader: no clock.
[[nodiscard]] Findings impurities(const File& file, const LayerTable& table);

/// No capturing lambda and no braced aggregate within a co_await expression (g++ 12 miscompiles
/// it).
[[nodiscard]] Findings unsafe_awaits(const File& file);

/// Libraries that are slow to compile or not ours to impose stay out of the library's headers.
[[nodiscard]] Findings heavy_headers(const File& file);
/// Headers start with prose and `#pragma once`; a source file with prose or its own header, which
/// is thereby shown to compile alone.
[[nodiscard]] Findings bad_openings(const File& file, const std::set<std::string>& paths);

inline constexpr std::size_t kLinesOfFileMax = 450;
inline constexpr std::size_t kLinesOfFunctionMax = 70;
[[nodiscard]] Findings oversizes(const File& file);

/// Notes of unfinished work, paths of somebody's machine, addresses of package registries.
[[nodiscard]] Findings leftovers(const File& file);

/// What a README may promise: subcommands of `./dev` and of each tool, and files that are there.
struct Promises {
  std::set<std::string, std::less<>> dev;
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> tools;
  std::set<std::string, std::less<>> paths;  ///< files and their folders
};
[[nodiscard]] Promises promises_of(const File& dev, const std::vector<std::string>& paths);
[[nodiscard]] Findings broken_promises(const File& readme, const Promises& promises);

}  // namespace headgate::source
