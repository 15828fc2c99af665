// The sheet as Markdown.
#include <fmt/format.h>

#include <string_view>

#include "headgate/report/sheet.hpp"

namespace headgate::report {
namespace {

// What would end a cell or start markup stands for itself.
std::string markdown_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '\n' || c == '\r') {
      cell += ' ';
      continue;
    }
    if (std::string_view{"\\|*_`<[#"}.contains(c)) cell += '\\';
    cell += c;
  }
  return cell;
}

std::string markdown_row(const SheetRow& row) {
  std::string line = "|";
  for (const std::string& word : row.at) line += " " + markdown_cell(word) + " |";
  const auto text = [&row](double value) { return stats::metric_text(row.kind, value); };
  const stats::Estimate& estimate = row.estimate;
  line += fmt::format(" {} | {} |", markdown_cell(row.figure), text(estimate.value));
  if (estimate.confidence <= 0) return line + " | |\n";
  return line + fmt::format(" {} | {} |\n", text(estimate.low), text(estimate.high));
}

std::string figures_table(const Sheet& sheet) {
  std::string head = "|";
  std::string rule = "|";
  for (const std::string& dimension : sheet.dimensions) {
    head += " " + markdown_cell(dimension) + " |";
    rule += " --- |";
  }
  std::string text =
      head + " figure | value | low | high |\n" + rule + " --- | ---: | ---: | ---: |\n";
  for (const SheetRow& row : sheet.rows) text += markdown_row(row);
  return text;
}

std::string checks_table(const Sheet& sheet) {
  std::string text = "\n| holds | expected | observed | why |\n| --- | --- | --- | --- |\n";
  for (const SheetCheck& check : sheet.checks) {
    const std::string_view word = !check.certain ? "unsure" : check.passed ? "yes" : "no";
    text += fmt::format("| {} | {} | {} | {} |\n", word, markdown_cell(check.expect),
                        markdown_cell(check.observed), markdown_cell(check.why));
  }
  return text;
}

}  // namespace

std::string markdown_text(const Sheet& sheet) {
  std::string text;
  if (!sheet.title.empty()) text += "## " + markdown_cell(sheet.title) + "\n\n";
  text += figures_table(sheet);
  return sheet.checks.empty() ? text : text + checks_table(sheet);
}

}  // namespace headgate::report
