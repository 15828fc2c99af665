// Rule: name it, then move it. g++ 12 destroys a capturing lambda, or a braced aggregate with a
// member that is not trivial, twice or never when it is a temporary of a co_await expression.
#include <cctype>

#include "source/rules.hpp"

namespace headgate::source {
namespace {

/// The expression behind `co_await`, up to the `;`, `,` or bracket that ends it.
std::string_view expression_at(std::string_view code, std::size_t begin) {
  int depth = 0;
  for (std::size_t i = begin; i < code.size(); ++i) {
    const char c = code[i];
    if (depth == 0 && (c == ';' || c == ',' || c == ')' || c == ']' || c == '}')) {
      return code.substr(begin, i - begin);
    }
    if (c == '(' || c == '[' || c == '{') ++depth;
    if (c == ')' || c == ']' || c == '}') --depth;
  }
  return code.substr(begin);
}

/// The last character before `position` that is no blank; 0 if there is none.
char before(std::string_view text, std::size_t position) {
  const std::size_t last = text.substr(0, position).find_last_not_of(" \n\t");
  return last == std::string_view::npos ? '\0' : text[last];
}

bool ends_value(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == ')' || c == ']';
}

/// Where the lambda whose introducer opens at `open` ends: behind its body.
std::size_t end_of_lambda(std::string_view text, std::size_t open) {
  std::size_t i = text.find('{', open);
  int depth = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i + 1;
  }
  return text.size();
}

}  // namespace

Findings unsafe_awaits(const File& file) {
  Findings findings;
  const std::string_view code{file.code};
  for (std::size_t found = find_word(code, "co_await"); found != std::string_view::npos;
       found = find_word(code, "co_await", found + 1)) {
    const std::string_view expression = expression_at(code, found + 8);
    for (std::size_t i = 0; i < expression.size(); ++i) {
      if (expression[i] == '[' && !ends_value(before(expression, i))) {
        const std::size_t close = expression.find(']', i);
        if (close > i + 1) {
          findings.push_back(at(file, line_at(code, found),
                                "a capturing lambda within co_await: name it, then move it"));
        }
        i = end_of_lambda(expression, i) - 1;
      } else if (expression[i] == '{') {
        findings.push_back(at(file, line_at(code, found),
                              "a braced aggregate within co_await: name it, then move it"));
        break;
      }
    }
  }
  return findings;
}

}  // namespace headgate::source
