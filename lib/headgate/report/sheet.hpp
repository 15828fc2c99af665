// The figures of an experiment as a sheet: one row for each point and figure, with its interval,
// and what became of the expectations. Three writers turn it into text that other programs read;
// they open no file.
#pragma once

#include <string>
#include <vector>

#include "headgate/stats/interval.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::report {

struct SheetRow {
  std::vector<std::string> at;  ///< one word for each of the sheet's dimensions
  std::string figure;
  stats::MetricKind kind = stats::MetricKind::kCount;
  stats::Estimate estimate;  ///< in the unit of the kind; without an interval its confidence is 0
};

struct SheetCheck {
  std::string expect;
  std::string why;  ///< may be empty
  std::string observed;
  bool passed = false;
  bool certain = true;
};

struct Sheet {
  std::string title;
  std::vector<std::string> dimensions;  ///< of the sweep, in the order of the rows' words
  std::vector<SheetRow> rows;
  std::vector<SheetCheck> checks;
};

/// RFC 4180 with lines that end in CR LF. Header: the dimensions, then
/// `figure,unit,value,low,high,confidence`; units are ns, per_second, share and count. Numbers are
/// in their shortest exact form; without an interval the last three cells are empty.
[[nodiscard]] std::string csv_text(const Sheet& sheet);

/// GitHub's tables: the figures in units for people, then the expectations.
[[nodiscard]] std::string markdown_text(const Sheet& sheet);

/// JUnit XML as CI servers read it: each expectation is a test case; one that surely does not hold
/// is a failure, one in doubt an error of type `inconclusive`. Both say what was observed.
[[nodiscard]] std::string junit_text(const Sheet& sheet);

}  // namespace headgate::report
