// Rules: headers are contracts. They cost little to include, stand alone, and say first what they
// are.
#include <algorithm>
#include <array>

#include "source/rules.hpp"

namespace headgate::source {
namespace {

constexpr std::array<std::string_view, 7> kHeavy{
    "nlohmann/json.hpp", "boost/", "CLI/", "librdkafka/", "yaml.h", "fmt/", "spdlog/"};

bool is_ours(const File& file) {
  return file.path.starts_with("lib/") || file.path.starts_with("tools/");
}

/// The first line that is neither empty nor comment, counted from 0.
std::size_t first_code_line(const File& file) {
  const auto found = std::ranges::find_if(file.code_lines, [](std::string_view line) {
    return line.find_first_not_of(' ') != std::string_view::npos;
  });
  return static_cast<std::size_t>(found - file.code_lines.begin());
}

bool opens_with_prose(const File& file) {
  return !file.lines.empty() && file.lines.front().starts_with("// ") &&
         file.lines.front().size() > 10;
}

Findings bad_opening_of_header(const File& file) {
  Findings findings;
  if (!opens_with_prose(file)) {
    findings.push_back(at(file, 1, "open with prose: what this file is and why it works"));
  }
  const std::size_t first = first_code_line(file);
  if (first == file.code_lines.size() || file.code_lines[first] != "#pragma once") {
    findings.push_back(at(file, first + 1, "#pragma once must be the first line of code"));
  }
  return findings;
}

}  // namespace

Findings heavy_headers(const File& file) {
  Findings findings;
  if (!file.is_header() || file.module().empty()) return findings;
  for (const Include& include : includes_of(file)) {
    for (const std::string_view heavy : kHeavy) {
      if (!include.name.starts_with(heavy)) continue;
      findings.push_back(at(file, include.line,
                            "<" + std::string{include.name} +
                                "> in a header of the library: include it in the .cpp and keep it "
                                "behind a class of ours"));
    }
  }
  return findings;
}

Findings bad_openings(const File& file, const std::set<std::string>& paths) {
  if (file.is_header()) return bad_opening_of_header(file);
  if (!file.is_cpp() || !is_ours(file)) return {};
  const std::string header = file.path.substr(0, file.path.size() - 4) + ".hpp";
  if (!paths.contains(header)) {
    if (opens_with_prose(file)) return {};
    return {at(file, 1, "open with prose: what this file is and why it works")};
  }
  const auto includes = includes_of(file);
  if (!includes.empty() && header.ends_with("/" + std::string{includes.front().name})) return {};
  return {at(file, includes.empty() ? 1 : includes.front().line,
             "include " + header + " first: it shows that the header compiles alone")};
}

}  // namespace headgate::source
