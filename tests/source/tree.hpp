// The project's own files as the source rules see them: every file under version control, its
// lines, and its code with comments and the insides of literals blanked out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::source {

/// One file. Lines count from 1 in findings, from 0 in the vectors.
struct File {
  std::string path;  ///< from the root, with '/'
  std::string text;
  std::string code;  ///< `text`, of equal length and lines, without what is not code; C++ only
  std::vector<std::string_view> lines;       ///< of text
  std::vector<std::string_view> code_lines;  ///< of code; empty if it is not C++

  File(std::string file_path, std::string file_text);
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File(File&&) = delete;
  File& operator=(File&&) = delete;
  ~File() = default;

  [[nodiscard]] bool is_cpp() const noexcept { return path.ends_with(".cpp") || is_header(); }
  [[nodiscard]] bool is_header() const noexcept { return path.ends_with(".hpp"); }
  /// The name of the module it belongs to, if it lies in lib/headgate/MODULE/; else empty.
  [[nodiscard]] std::string_view module() const noexcept;
};

/// Comments, string and character literals replaced by blanks, all else kept in place.
[[nodiscard]] std::string code_of(std::string_view text);

[[nodiscard]] std::vector<std::string_view> lines_of(std::string_view text);

struct Include {
  std::size_t line = 0;   ///< from 1
  std::string_view name;  ///< without quotes or angle brackets
  bool quoted = false;
};
[[nodiscard]] std::vector<Include> includes_of(const File& file);

/// `path:line: message`.
[[nodiscard]] std::string at(const File& file, std::size_t line, std::string_view message);

/// Whether `word` stands at `position` of `text` with no letter, digit or underscore on either
/// side.
[[nodiscard]] bool is_whole_word(std::string_view text, std::size_t position,
                                 std::string_view word);
/// Where `word` stands as a whole word in `text`, from `from` on; npos if nowhere.
[[nodiscard]] std::size_t find_word(std::string_view text, std::string_view word,
                                    std::size_t from = 0);
[[nodiscard]] std::size_t line_at(std::string_view text, std::size_t position);

/// Paths of all files under version control, sorted: what a run leaves in the tree is not ours.
/// Throws if git cannot list them.
[[nodiscard]] std::vector<std::string> project_paths(const std::string& root);

}  // namespace headgate::source
