// The sheet as CSV.
#include <fmt/format.h>

#include <array>
#include <string_view>

#include "headgate/report/sheet.hpp"

namespace headgate::report {
namespace {

// Quoted if it must be.
std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string cell = "\"";
  for (const char c : text) {
    if (c == '"') cell += '"';
    cell += c;
  }
  return cell + "\"";
}

std::string_view csv_unit(stats::MetricKind kind) noexcept {
  switch (kind) {
    case stats::MetricKind::kDuration:
      return "ns";
    case stats::MetricKind::kRate:
      return "per_second";
    case stats::MetricKind::kShare:
      return "share";
    case stats::MetricKind::kCount:
      break;
  }
  return "count";
}

std::string csv_row(const SheetRow& row) {
  std::string line;
  for (const std::string& word : row.at) line += csv_cell(word) + ",";
  const stats::Estimate& estimate = row.estimate;
  line += fmt::format("{},{},{},", csv_cell(row.figure), csv_unit(row.kind), estimate.value);
  if (estimate.confidence <= 0) return line + ",,\r\n";
  return line + fmt::format("{},{},{}\r\n", estimate.low, estimate.high, estimate.confidence);
}

}  // namespace

std::string csv_text(const Sheet& sheet) {
  std::string text;
  for (const std::string& dimension : sheet.dimensions) text += csv_cell(dimension) + ",";
  text += "figure,unit,value,low,high,confidence\r\n";
  for (const SheetRow& row : sheet.rows) text += csv_row(row);
  return text;
}

}  // namespace headgate::report
