// The plan's data: rows of a CSV file whose cells fill places in requests, `{data.user}`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::config {

enum class RowOrder : std::uint8_t {
  kSequential,  ///< request i has row i, and from the start again
  kRandom,      ///< a row drawn for each request
};

struct DataTable {
  std::vector<std::string> columns;  ///< names, by the first line; unique
  std::vector<std::string> cells;    ///< row by row; at least one row
  RowOrder order = RowOrder::kSequential;

  [[nodiscard]] std::size_t rows() const noexcept { return cells.size() / columns.size(); }
  [[nodiscard]] std::string_view cell(std::uint64_t row, std::size_t column) const noexcept {
    return cells[row * columns.size() + column];
  }
  /// The row of a request: equal for every place in it.
  [[nodiscard]] std::uint64_t row_of(std::uint64_t sequence, std::uint64_t seed) const noexcept;
};

/// The table of a CSV text (RFC 4180: quoted cells may hold commas, line ends and doubled quotes;
/// LF alone ends a line too). The first line names the columns. Fails with kInvalidArgument;
/// `where` is the line: other numbers of cells than columns, no row, a quote that does not end.
[[nodiscard]] Result<DataTable> read_data_table(std::string_view text);
/// The same of a file; `where` begins with its name.
[[nodiscard]] Result<DataTable> read_data_file(const std::string& file);

}  // namespace headgate::config
