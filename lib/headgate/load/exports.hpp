// A run in the forms that other programs read: each a text, none of them a file.
#pragma once

#include <string>

#include "headgate/load/summary.hpp"
#include "headgate/report/sheet.hpp"

namespace headgate::load {

/// One row for each second: RFC 4180 with lines that end in CR LF; columns as the keys of `series`
/// in the result document. Times of seconds in which nothing was timed are empty.
[[nodiscard]] std::string csv_text(const Summary& summary);

/// HdrHistogram's interval log, version 1.3: the response times of each second, two digits.
/// Readable by HistogramLogReader and HistogramLogProcessor. Times count from the manifest's.
[[nodiscard]] std::string hlog_text(const Summary& summary);

/// Prometheus' text exposition format 0.0.4: counters of outcomes, statuses and errors, a summary
/// for each timing, in seconds, and gauges. No time stamps; for a textfile collector or a gateway.
[[nodiscard]] std::string prometheus_text(const Summary& summary);

/// JUnit XML: the validity of the run, then each expectation, is a test case. If the run is not
/// valid its figures cannot fail an expectation: those are errors then, of type `inconclusive`.
[[nodiscard]] std::string junit_text(const Summary& summary);

/// The page of one file with charts that html::load_page draws.
[[nodiscard]] std::string html_text(const Summary& summary);

}  // namespace headgate::load
