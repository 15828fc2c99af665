// Text for terminals: aligned tables and numbers in a form that people read at a glance.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/time.hpp"

namespace headgate::report {

/// Three significant digits in the fitting unit: `850ns`, `1.24ms`, `12.4s`, `2.07min`.
[[nodiscard]] std::string human(Duration duration);
/// `298/s`, `12.4k/s`; below 10 with two decimals.
[[nodiscard]] std::string human_rate(double per_second);
/// `12.3%`; small ones keep two significant digits: `0.012%`.
[[nodiscard]] std::string human_share(double of_one);

enum class Align { kLeft, kRight };
enum class Paint { kNone, kBold, kRed, kGreen, kYellow };

/// `text` in that colour, if `colour` is on.
[[nodiscard]] std::string painted(std::string_view text, Paint paint, bool colour);

/// Whether to paint what goes to `fd`: it is a terminal, NO_COLOR is unset or empty, and TERM is
/// not `dumb`. Source: no-color.org.
[[nodiscard]] bool colour_wanted(int fd) noexcept;

/// Rows of cells in columns as wide as their widest cell, two blanks between them. Width counts
/// code points and skips colour sequences.
class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kRight;
  };

  explicit Table(std::vector<Column> columns);
  /// One cell per column; fewer leave the rest empty. Requires: not more.
  void add(std::vector<std::string> cells);
  /// Title line, rows, each with a newline and no trailing blanks.
  [[nodiscard]] std::string to_text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace headgate::report
