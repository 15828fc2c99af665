#include "headgate/config/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace headgate::config {
namespace {

std::string_view name_of(Severity severity) {
  return severity == Severity::kError ? "error" : "warning";
}

}  // namespace

std::string to_text(const Diagnostic& diagnostic) {
  std::string text = diagnostic.file;
  if (diagnostic.at.line != 0) {
    text += fmt::format(":{}:{}", diagnostic.at.line, diagnostic.at.column);
  } else if (!diagnostic.path.empty()) {
    text += fmt::format(": at {}", diagnostic.path);  // a value that `--set` has put there
  }
  text +=
      fmt::format(": {}[{}] {}", name_of(diagnostic.severity), diagnostic.id, diagnostic.message);
  if (!diagnostic.hint.empty()) text += "; " + diagnostic.hint;
  return text;
}

std::string to_json(const Diagnostic& diagnostic) {
  const nlohmann::ordered_json object = {{"id", diagnostic.id},
                                         {"severity", name_of(diagnostic.severity)},
                                         {"file", diagnostic.file},
                                         {"line", diagnostic.at.line},
                                         {"column", diagnostic.at.column},
                                         {"path", diagnostic.path},
                                         {"message", diagnostic.message},
                                         {"hint", diagnostic.hint}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void sort_by_place(std::vector<Diagnostic>& diagnostics) {
  // A total order of what is shown. (std::stable_sort of g++ 12 calls a function that its own
  // header deprecates, which clang 19 reports as an error.)
  std::ranges::sort(diagnostics, {},
                    [](const Diagnostic& d) { return std::tie(d.at, d.id, d.path, d.message); });
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& diagnostic) {
    return diagnostic.severity == Severity::kError;
  });
}

}  // namespace headgate::config
