// Rule: dependencies point down the picture, and the table in CMakeLists.txt is the picture.
#include <array>
#include <optional>
#include <sstream>
#include <utility>

#include "source/rules.hpp"

namespace headgate::source {
namespace {

constexpr std::array<std::pair<std::string_view, Row>, 4> kRows{
    {{"base", Row::kBase}, {"pure", Row::kPure}, {"edge", Row::kEdge}, {"whole", Row::kWhole}}};
constexpr std::array<std::string_view, 4> kNotInSim{"net", "journal", "kafka", "redis"};

std::string_view name_of(Row row) { return kRows[static_cast<std::size_t>(row)].first; }

std::optional<Row> row_of(std::string_view line) {
  if (!line.starts_with("# ")) return std::nullopt;
  for (const auto& [name, row] : kRows) {
    if (line.substr(2) == name) return row;
  }
  return std::nullopt;
}

/// The words of the call that opens on line `first`, up to its closing parenthesis.
std::vector<std::string> words_of_call(const File& file, std::size_t first) {
  std::string call;
  for (std::size_t i = first; i < file.lines.size(); ++i) {
    call.append(file.lines[i]).append(" ");
    if (file.lines[i].contains(')')) break;
  }
  std::istringstream stream{call.substr(call.find('(') + 1, call.find(')') - call.find('(') - 1)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

}  // namespace

LayerTable layer_table(const File& cmake_lists) {
  LayerTable table;
  Row row = Row::kBase;
  for (std::size_t i = 0; i < cmake_lists.lines.size(); ++i) {
    row = row_of(cmake_lists.lines[i]).value_or(row);
    if (!cmake_lists.lines[i].starts_with("headgate_module(")) continue;
    const auto words = words_of_call(cmake_lists, i);
    if (words.empty()) continue;
    Module& module = table[words.front()];
    module.row = row;
    module.line = i + 1;
    bool uses = false;
    for (const std::string& word : words) {
      if (word == "USES" || word == "LIBS") {
        uses = word == "USES";
      } else if (uses) {
        module.uses.insert(word);
      }
    }
  }
  return table;
}

Findings upward_arrows(const File& cmake_lists) {
  const LayerTable table = layer_table(cmake_lists);
  Findings findings;
  for (const auto& [name, module] : table) {
    for (const std::string& used : module.uses) {
      const auto found = table.find(used);
      const std::string arrow = name + " may not use " + used;
      if (found == table.end()) {
        findings.push_back(at(cmake_lists, module.line, arrow + ": there is no such module"));
        continue;
      }
      const Module& below = found->second;
      const bool pure_neighbour =
          module.row == Row::kPure && below.row == Row::kPure && below.line < module.line;
      if (below.row >= module.row && !pure_neighbour) {
        findings.push_back(at(cmake_lists, module.line,
                              arrow + ": " + std::string{name_of(below.row)} +
                                  " does not lie below " + std::string{name_of(module.row)} +
                                  "; move what both need into a lower module"));
      }
    }
    for (const std::string_view outside : kNotInSim) {
      if (name == "sim" && module.uses.contains(outside)) {
        findings.push_back(at(cmake_lists, module.line,
                              "sim may not use " + std::string{outside} +
                                  ": a simulation meets no outside; model it"));
      }
    }
  }
  return findings;
}

namespace {

Findings forbidden_in_library(const File& file, const LayerTable& table) {
  Findings findings;
  const std::string_view own = file.module();
  const auto module = table.find(own);
  if (module == table.end()) {
    return {at(file, 1,
               "the folder " + std::string{own} + " is no module: add headgate_module(" +
                   std::string{own} + " USES …) to its row in CMakeLists.txt")};
  }
  for (const Include& include : includes_of(file)) {
    if (!include.quoted) continue;
    if (!include.name.starts_with("headgate/")) {
      findings.push_back(
          at(file, include.line,
             "\"" + std::string{include.name} + "\": write the whole path, \"headgate/MODULE/…\""));
      continue;
    }
    const std::string_view rest = include.name.substr(9);
    const std::string_view used = rest.substr(0, rest.find('/'));
    if (used == own || module->second.uses.contains(used)) continue;
    findings.push_back(at(file, include.line,
                          std::string{own} + " may not include " + std::string{used} +
                              ": take what you need as an argument, or move it into a module that "
                              "the table in CMakeLists.txt gives to " +
                              std::string{own}));
  }
  return findings;
}

}  // namespace

Findings forbidden_includes(const File& file, const LayerTable& table) {
  if (!file.module().empty()) return forbidden_in_library(file, table);
  if (!file.path.starts_with("tools/")) return {};
  Findings findings;
  const std::string_view path{file.path};
  const std::string_view own = path.substr(6, path.find('/', 6) - 5);  // "gwctl/"
  for (const Include& include : includes_of(file)) {
    const bool beside = !include.name.contains('/');
    const bool known =
        beside || include.name.starts_with("headgate/") || include.name.starts_with(own);
    if (!include.quoted || known) continue;
    findings.push_back(at(file, include.line,
                          "a command includes \"headgate/…\" and its own headers only; what "
                          "commands share belongs in the library"));
  }
  return findings;
}

}  // namespace headgate::source
