// Rule: what is committed is finished and belongs to no one machine.
#include <array>

#include "source/rules.hpp"

namespace headgate::source {
namespace {

// Written in two halves, so that this file keeps the rule.
constexpr std::array<std::string_view, 4> kUnfinished{
    "TO"
    "DO",
    "FIX"
    "ME",
    "XX"
    "X",
    "HA"
    "CK"};
constexpr std::array<std::string_view, 4> kMachinePaths{
    "/wo"
    "rk/",
    "/ro"
    "ot/",
    "/ho"
    "me/",
    "/t"
    "mp/"};
constexpr std::array<std::string_view, 8> kRegistries{
    "registry."
    "npmjs",
    "repo1."
    "maven",
    "repo.maven."
    "apache",
    "pypi."
    "org",
    "deb."
    "debian.org",
    "proxy."
    "golang",
    "static."
    "crates.io",
    "docker."
    "io"};

/// Whether a path starts at `position`, and is not the end of another: `a/tmp/`, `~/tmp/`,
/// `host/tmp/`.
bool starts_path(std::string_view line, std::size_t position) {
  if (position == 0) return true;
  const char c = line[position - 1];
  constexpr std::string_view kPathChars = "._-~/$}{*";
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return !letter && !kPathChars.contains(c);
}

/// Tests write request paths and refused paths of any kind; only what names a work place counts
/// there.
bool counts_in(const File& file, std::string_view path) {
  const bool test = file.path.starts_with("tests/");
  return !test || path == kMachinePaths[0] || path == kMachinePaths[1];
}

}  // namespace

Findings leftovers(const File& file) {
  Findings findings;
  if (file.text.contains('\0')) return findings;  // not text
  for (std::size_t i = 0; i < file.lines.size(); ++i) {
    const std::string_view line = file.lines[i];
    for (const std::string_view word : kUnfinished) {
      if (find_word(line, word) == std::string_view::npos) continue;
      findings.push_back(at(file, i + 1, std::string{word} + ": finish it, or open an issue"));
    }
    for (const std::string_view path : kMachinePaths) {
      for (std::size_t found = line.find(path); found != std::string_view::npos;
           found = line.find(path, found + 1)) {
        if (!starts_path(line, found) || !counts_in(file, path)) continue;
        findings.push_back(at(file, i + 1,
                              std::string{path} + "… is a place on one machine: use a "
                                                  "path from the root of the tree, or a temp dir"));
      }
    }
    for (const std::string_view host : kRegistries) {
      if (!line.contains(host)) continue;
      findings.push_back(
          at(file, i + 1, std::string{host} + "…: let the package manager choose its registry"));
    }
  }
  return findings;
}

}  // namespace headgate::source
