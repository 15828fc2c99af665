#include "headgate/config/data_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "headgate/config/recorded.hpp"
#include "headgate/core/random.hpp"

namespace headgate::config {
namespace {

/// Takes lines of cells off a CSV text.
class CsvCells {
 public:
  explicit CsvCells(std::string_view text) : rest_{text} {
    if (rest_.starts_with("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  }

  [[nodiscard]] bool empty() const noexcept { return rest_.empty(); }
  /// The line on which the next record starts, from 1.
  [[nodiscard]] std::size_t line() const noexcept { return line_; }

  /// The cells of the next record; nothing if a quoted cell does not end.
  [[nodiscard]] bool next(std::vector<std::string>& cells) {
    cells.clear();
    while (true) {
      cells.emplace_back();
      if (!take_cell(cells.back())) return false;
      if (rest_.starts_with(',')) {
        rest_.remove_prefix(1);
        continue;
      }
      if (rest_.starts_with('\r')) rest_.remove_prefix(1);
      if (rest_.starts_with('\n')) rest_.remove_prefix(1);
      ++line_;
      return true;
    }
  }

 private:
  bool take_cell(std::string& cell) {
    if (!rest_.starts_with('"')) {
      const std::size_t end = rest_.find_first_of(",\n");
      std::string_view bare = rest_.substr(0, end);
      rest_.remove_prefix(bare.size());
      if (bare.ends_with('\r')) bare.remove_suffix(1);
      cell = bare;
      return true;
    }
    rest_.remove_prefix(1);
    while (true) {
      const std::size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) return false;
      line_ += static_cast<std::size_t>(std::ranges::count(rest_.substr(0, quote), '\n'));
      cell += rest_.substr(0, quote);
      rest_.remove_prefix(quote + 1);
      if (!rest_.starts_with('"')) return true;
      cell += '"';
      rest_.remove_prefix(1);
    }
  }

  std::string_view rest_;
  std::size_t line_ = 1;
};

std::unexpected<Error> wrong_record(std::size_t line, std::string why) {
  return failed(Errc::kInvalidArgument, fmt::format("line {}", line), std::move(why));
}

}  // namespace

std::uint64_t DataTable::row_of(std::uint64_t sequence, std::uint64_t seed) const noexcept {
  if (order == RowOrder::kSequential) return sequence % rows();
  return Random::stream(seed, "load", sequence, "row").below(rows());
}

Result<DataTable> read_data_table(std::string_view text) {
  DataTable table;
  CsvCells cells{text};
  std::vector<std::string> record;
  while (!cells.empty()) {
    const std::size_t line = cells.line();
    if (!cells.next(record)) return wrong_record(line, "has a quote that does not end");
    if (table.columns.empty()) {
      for (const std::string& name : record) {
        if (name.empty() || std::ranges::count(record, name) > 1) {
          return wrong_record(line, "names the columns, each by a name of its own");
        }
      }
      table.columns = record;
      continue;
    }
    if (record.size() == 1 && record[0].empty() && table.columns.size() > 1) continue;  // blank
    if (record.size() != table.columns.size()) {
      return wrong_record(line, fmt::format("has {} cells, and there are {} columns", record.size(),
                                            table.columns.size()));
    }
    std::ranges::move(record, std::back_inserter(table.cells));
  }
  if (table.cells.empty()) return wrong_record(cells.line(), "has no row of data");
  return table;
}

Result<DataTable> read_data_file(const std::string& file) {
  return recorded_file<DataTable>(file, read_data_table);
}

}  // namespace headgate::config
