#include "source/tree.hpp"

#include <algorithm>
#include <cctype>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "support/process.hpp"

namespace headgate::source {
namespace {

bool is_word_char(char c) noexcept {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

/// Blanks `code` from `from` to `to`, keeping its lines.
void blank(std::string& code, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < std::min(to, code.size()); ++i) {
    if (code[i] != '\n') code[i] = ' ';
  }
}

/// The position behind a literal that opens at `open` with `quote`, escapes skipped.
std::size_t end_of_literal(std::string_view text, std::size_t open, char quote) {
  std::size_t i = open + 1;
  while (i < text.size() && text[i] != quote && text[i] != '\n') i += text[i] == '\\' ? 2 : 1;
  return std::min(i + 1, text.size());
}

std::size_t end_of_raw_literal(std::string_view text, std::size_t open) {
  const std::size_t parenthesis = text.find('(', open);
  if (parenthesis == std::string_view::npos) return text.size();
  const std::string close = ")" + std::string{text.substr(open + 1, parenthesis - open - 1)} + "\"";
  const std::size_t end = text.find(close, parenthesis);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

/// The position behind the comment or literal that starts at `i`; `i` if none does.
std::size_t end_of_no_code(std::string_view text, std::size_t i) {
  if (text.substr(i, 2) == "//") return std::min(text.find('\n', i), text.size());
  if (text.substr(i, 2) == "/*") return std::min(text.find("*/", i), text.size() - 2) + 2;
  if (text[i] == '"') {
    const bool raw = i > 0 && text[i - 1] == 'R' && (i == 1 || !is_word_char(text[i - 2]));
    return raw ? end_of_raw_literal(text, i) : end_of_literal(text, i, '"');
  }
  // A quote behind a digit or letter separates digits: 1'000.
  if (text[i] == '\'' && (i == 0 || !is_word_char(text[i - 1])))
    return end_of_literal(text, i, '\'');
  return i;
}

}  // namespace

std::string code_of(std::string_view text) {
  std::string code{text};
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t end = end_of_no_code(text, i);
    blank(code, i, end);
    i = std::max(end, i + 1);
  }
  return code;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

File::File(std::string file_path, std::string file_text)
    : path(std::move(file_path)), text(std::move(file_text)), lines(lines_of(text)) {
  if (!is_cpp()) return;
  code = code_of(text);
  code_lines = lines_of(code);
}

std::string_view File::module() const noexcept {
  constexpr std::string_view kLibrary = "lib/headgate/";
  const std::string_view whole{path};
  if (!whole.starts_with(kLibrary)) return {};
  const std::string_view rest = whole.substr(kLibrary.size());
  const std::size_t slash = rest.find('/');
  return slash == std::string_view::npos ? std::string_view{} : rest.substr(0, slash);
}

std::vector<Include> includes_of(const File& file) {
  std::vector<Include> includes;
  for (std::size_t i = 0; i < file.code_lines.size(); ++i) {
    // A directive in a comment or a raw literal is blank in the code; its name is only in the text.
    if (!file.code_lines[i].starts_with("#include")) continue;
    const std::string_view line = file.lines[i];
    const std::size_t open = line.find_first_of("\"<");
    if (open == std::string_view::npos) continue;
    const std::size_t close = line.find(line[open] == '<' ? '>' : '"', open + 1);
    includes.push_back({.line = i + 1,
                        .name = line.substr(open + 1, close - open - 1),
                        .quoted = line[open] == '"'});
  }
  return includes;
}

std::string at(const File& file, std::size_t line, std::string_view message) {
  return file.path + ":" + std::to_string(line) + ": " + std::string{message};
}

bool is_whole_word(std::string_view text, std::size_t position, std::string_view word) {
  const std::size_t end = position + word.size();
  const bool open = position == 0 || !is_word_char(text[position - 1]);
  return open && (end >= text.size() || !is_word_char(text[end]) || !is_word_char(word.back()));
}

std::size_t find_word(std::string_view text, std::string_view word, std::size_t from) {
  std::size_t position = text.find(word, from);
  while (position != std::string_view::npos && !is_whole_word(text, position, word)) {
    position = text.find(word, position + 1);
  }
  return position;
}

std::size_t line_at(std::string_view text, std::size_t position) {
  return 1 + static_cast<std::size_t>(std::ranges::count(text.substr(0, position), '\n'));
}

std::vector<std::string> project_paths(const std::string& root) {
  // Whoever owns the files: this only reads them.
  const test::Ended ended =
      test::run({"git", "-c", "safe.directory=*", "-C", root, "ls-files", "--cached"});
  if (ended.exit_code != 0) throw std::runtime_error("git cannot list the files: " + ended.err);
  std::vector<std::string> paths;
  std::istringstream lines{ended.out};
  for (std::string path; std::getline(lines, path);) paths.push_back(path);
  std::ranges::sort(paths);
  return paths;
}

}  // namespace headgate::source
