// Rule: a README promises only what is there. Every command line in its code blocks names a real
// subcommand, and every path of the tree that it mentions exists.
#include <algorithm>
#include <array>
#include <optional>
#include <sstream>

#include "source/rules.hpp"

namespace headgate::source {
namespace {

constexpr std::array<std::string_view, 3> kTools{"gwctl", "loadgen", "sim"};
// Folders of the tree whose paths a README may mention; build/ is made by ./dev.
constexpr std::array<std::string_view, 8> kRoots{"lib/",     "tools/", "tests/", "scenarios/",
                                                 "results/", "cmake/", ".ci/",   "docs/"};

std::vector<std::string> words_of(std::string_view line) {
  std::istringstream stream{std::string{line}};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

/// The name of the tool that `word` runs: `sim`, `build/release/bin/sim`.
std::optional<std::string_view> tool_of(std::string_view word) {
  const std::string_view name = word.substr(word.rfind('/') + 1);
  const bool plain = word == name || word.ends_with("build/release/bin/" + std::string{name});
  if (plain && std::ranges::find(kTools, name) != kTools.end()) return name;
  return std::nullopt;
}

bool is_subcommand(std::string_view word) {
  return !word.empty() && std::ranges::all_of(word, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || c == '-';
  }) && !word.starts_with('-');
}

/// The path in `word` without the punctuation of prose around it; empty if it is none of the tree.
std::string_view path_in(std::string_view word) {
  constexpr std::string_view kAround = "`'\"()[]<>,;:.!?*|";
  while (!word.empty() && kAround.contains(word.back())) word.remove_suffix(1);
  while (!word.empty() && kAround.contains(word.front()) && !word.starts_with(".ci/")) {
    word.remove_prefix(1);
  }
  const bool ours =
      std::ranges::any_of(kRoots, [&](std::string_view root) { return word.starts_with(root); });
  // A placeholder (lib/headgate/MODULE, tests/*.cpp) names no one file.
  const bool exact = std::ranges::none_of(word, [](char c) {
    return (c >= 'A' && c <= 'Z') || std::string_view{"*{}[]()<>…$="}.contains(c);
  });
  return ours && (exact || word.ends_with(".md")) ? word : std::string_view{};
}

/// Whether a line that opens a code block says that it holds commands, not text, data or output.
bool opens_shell(std::string_view line) {
  const std::string_view language = line.substr(3);
  return language.empty() || language == "sh" || language == "bash" || language == "console";
}

/// What is wrong with a command line of a code block; empty if nothing is.
std::string wrong_command(const std::vector<std::string>& words, const Promises& promises) {
  std::size_t first = 0;
  while (first < words.size() && (words[first] == "$" || words[first].contains('='))) ++first;
  if (first == words.size()) return {};
  const std::string_view next = first + 1 < words.size() ? words[first + 1] : std::string_view{};
  if (words[first] == "./dev") {
    if (next.empty() || next.starts_with('#') || promises.dev.contains(next)) return {};
    return "./dev has no command " + std::string{next};
  }
  const auto tool = tool_of(words[first]);
  if (!tool || !is_subcommand(next)) return {};
  const auto found = promises.tools.find(*tool);
  if (found != promises.tools.end() && found->second.contains(next)) return {};
  return std::string{*tool} + " has no command " + std::string{next};
}

}  // namespace

Promises promises_of(const File& dev, const std::vector<std::string>& paths) {
  Promises promises;
  // In dev, the arms of the case statement name the commands: `  demo | build) …`.
  bool in_case = false;
  for (const std::string_view line : dev.lines) {
    in_case = in_case || line.starts_with("case $command");
    if (!in_case || !line.contains(')')) continue;
    std::string arm{line.substr(0, line.find(')'))};
    std::ranges::replace(arm, '|', ' ');
    for (const std::string& word : words_of(arm)) promises.dev.insert(word);
  }
  for (const std::string& path : paths) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      promises.paths.insert(path.substr(0, slash));
      promises.paths.insert(path.substr(0, slash + 1));
    }
    promises.paths.insert(path);
    for (const std::string_view tool : kTools) {
      const std::string folder = "tools/" + std::string{tool} + "/";
      if (!path.starts_with(folder) || !path.ends_with(".cpp")) continue;
      promises.tools[std::string{tool}].insert(
          path.substr(folder.size(), path.size() - folder.size() - 4));
    }
  }
  return promises;
}

Findings broken_promises(const File& readme, const Promises& promises) {
  Findings findings;
  bool in_block = false;
  bool in_shell = false;
  for (std::size_t i = 0; i < readme.lines.size(); ++i) {
    const std::string_view line = readme.lines[i];
    if (line.starts_with("```")) {
      in_shell = !in_block && opens_shell(line);
      in_block = !in_block;
    }
    const auto words = words_of(line);
    if (in_shell) {
      const std::string wrong = wrong_command(words, promises);
      if (!wrong.empty()) findings.push_back(at(readme, i + 1, wrong));
    }
    for (const std::string& word : words) {
      const std::string_view path = path_in(word);
      if (path.empty() || promises.paths.contains(path)) continue;
      findings.push_back(at(readme, i + 1, "there is no " + std::string{path}));
    }
  }
  return findings;
}

}  // namespace headgate::source
