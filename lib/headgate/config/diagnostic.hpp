// What is wrong with a document, where, and what to write instead. Diagnostics are values: the same
// list is printed by `gwctl lint`, stops `gwctl run`, and becomes JSON for other tools.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::config {

/// Lines and columns count from 1, columns in characters. 0:0 is a value that no file holds
/// (`--set`).
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

enum class Severity { kError, kWarning };

struct Diagnostic {
  std::string id;  ///< `GW001`; the list is in lint/rules.hpp
  Severity severity = Severity::kError;
  std::string file;
  Position at;
  std::string path;     ///< of the value: `routes.0.match.path`
  std::string message;  ///< lower case, no full stop
  std::string hint;     ///< what to do instead: "did you mean 'rate'?"; may be empty
};

/// `gateway.yaml:3:5: error[GW001] unknown key 'rat'; did you mean 'rate'?`
[[nodiscard]] std::string to_text(const Diagnostic& diagnostic);
/// One JSON object with the members id, severity, file, line, column, path, message, hint.
[[nodiscard]] std::string to_json(const Diagnostic& diagnostic);

/// A document that could not even be read as a tree has this id.
inline constexpr std::string_view kUnreadable = "GW000";

/// Puts them in the order of the file; those of one place keep theirs.
void sort_by_place(std::vector<Diagnostic>& diagnostics);

[[nodiscard]] bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept;

/// A typed document and all that was found while reading it. `value` is complete only if `ok()`.
template <class T>
struct Loaded {
  T value{};
  std::vector<Diagnostic> diagnostics = {};  ///< in the order of the file
  bool readable = true;                      ///< false: no tree; `gwctl lint` answers 2, not 1

  [[nodiscard]] bool ok() const noexcept { return readable && !has_errors(diagnostics); }
};

}  // namespace headgate::config
