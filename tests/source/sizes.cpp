// Rule: a file holds one idea and a function fits on a screen.
#include <algorithm>

#include "source/rules.hpp"

namespace headgate::source {
namespace {

/// Whether what stands before a `{` opens a function: it has a parameter list and is no value that
/// is being initialised, nor a namespace, class or enumeration.
bool opens_function(std::string_view head) {
  const std::size_t parenthesis = head.find('(');
  if (parenthesis == std::string_view::npos) return false;
  for (const std::string_view word : {"namespace", "struct", "class", "enum", "union"}) {
    const std::size_t found = find_word(head.substr(0, parenthesis), word);
    // `template <class T> T f(` has the word too, in front of a template parameter.
    if (found != std::string_view::npos && head.find('<') > found) return false;
  }
  const std::size_t equals = head.substr(0, parenthesis).find('=');
  return equals == std::string_view::npos || head.substr(0, parenthesis).contains("operator");
}

/// The code without directives, whose braces need not match.
std::string without_directives(const File& file) {
  std::string code = file.code;
  bool continued = false;
  std::size_t begin = 0;
  for (const std::string_view line : file.code_lines) {
    if (continued || line.starts_with('#')) {
      continued = line.ends_with('\\');
      std::fill_n(code.begin() + static_cast<std::ptrdiff_t>(begin), line.size(), ' ');
    }
    begin += line.size() + 1;
  }
  return code;
}

/// Walks over the braces of a file; what is outside of all functions has a head to judge.
class FunctionScan {
 public:
  explicit FunctionScan(const File& file) : file_(file), code_(without_directives(file)) {}

  Findings run() {
    for (std::size_t i = 0; i < code_.size(); ++i) {
      if (code_[i] == '{') open(i);
      if (code_[i] == '}') close(i);
      if (code_[i] == ';' || code_[i] == '{' || code_[i] == '}') head_ = i + 1;
    }
    return findings_;
  }

 private:
  void open(std::size_t i) {
    ++depth_;
    if (function_depth_ != 0 || !opens_function(std::string_view{code_}.substr(head_, i - head_)))
      return;
    function_depth_ = depth_;
    const std::size_t first = code_.find_first_not_of(" \n", head_);
    function_line_ = line_at(code_, first);
  }

  void close(std::size_t i) {
    if (function_depth_ == depth_ && function_depth_ != 0) {
      function_depth_ = 0;
      const std::size_t lines = line_at(code_, i) - function_line_ + 1;
      if (lines > kLinesOfFunctionMax) {
        findings_.push_back(at(file_, function_line_,
                               "a function of " + std::to_string(lines) + " lines, over " +
                                   std::to_string(kLinesOfFunctionMax) +
                                   ": let helpers compute what it decides on"));
      }
    }
    --depth_;
  }

  const File& file_;
  std::string code_;
  Findings findings_;
  std::size_t head_ = 0;  // where the declaration that is being read begins
  int depth_ = 0;
  int function_depth_ = 0;  // depth of the open function's body; 0: outside of functions
  std::size_t function_line_ = 0;
};

}  // namespace

Findings oversizes(const File& file) {
  if (!file.is_cpp()) return {};
  Findings findings = FunctionScan{file}.run();
  if (file.lines.size() > kLinesOfFileMax) {
    findings.push_back(at(file, kLinesOfFileMax,
                          "a file of " + std::to_string(file.lines.size()) + " lines, over " +
                              std::to_string(kLinesOfFileMax) + ": look for the second idea"));
  }
  return findings;
}

}  // namespace headgate::source
