// The small forms: CSV, interval log, JUnit.
#include "headgate/load/exports.hpp"

#include <fmt/format.h>

#include "headgate/core/rfc3339.hpp"

namespace headgate::load {
namespace {

std::string csv_row(std::size_t index, const Second& second, stats::CoarseHistogram& scratch) {
  const stats::Totals& totals = second.totals;
  std::string row = fmt::format("{},{},{},{},{},{},{},{},{}", index, totals.scheduled, totals.ok,
                                totals.refused, totals.failed, totals.timed_out, totals.in_flight,
                                totals.not_sent, second.bytes_in);
  const auto& exact = second.response_time.exact;
  if (exact.count == 0) return row + ",,,,,\r\n";
  scratch.reset();
  scratch.merge(second.response_time);
  return row + fmt::format(",{},{},{},{},{}\r\n",
                           static_cast<double>(exact.sum_ns) / static_cast<double>(exact.count),
                           scratch.quantile(0.5).count(), scratch.quantile(0.9).count(),
                           scratch.quantile(0.99).count(), exact.max.count());
}

}  // namespace

std::string csv_text(const Summary& summary) {
  std::string text =
      "second,scheduled,ok,refused,failed,timed_out,in_flight,not_sent,bytes_received,"
      "response_mean_ns,response_p50_ns,response_p90_ns,response_p99_ns,response_max_ns\r\n";
  stats::CoarseHistogram scratch;
  const auto& series = summary.measured.tally.series;
  for (std::size_t i = 0; i < series.size(); ++i) text += csv_row(i, series[i], scratch);
  return text;
}

std::string hlog_text(const Summary& summary) {
  const std::string& started = summary.manifest.started_at;
  std::string text =
      "#[Response times of a load run, by headgate]\n"
      "#[Histogram log format version 1.3]\n";
  if (const auto at = parse_rfc3339(started)) {
    const double seconds = static_cast<double>(at->count()) / 1e9;
    text += fmt::format("#[StartTime: {:.3f} (seconds since epoch), {}]\n", seconds, started);
  }
  text +=
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n";
  stats::CoarseHistogram scratch;
  const auto& series = summary.measured.tally.series;
  for (std::size_t i = 0; i < series.size(); ++i) {
    scratch.reset();
    scratch.merge(series[i].response_time);
    text += fmt::format("{}.000,1.000,{:.3f},{}\n", i,
                        static_cast<double>(scratch.exact().max.count()) / 1e6, scratch.encode());
  }
  return text;
}

std::string junit_text(const Summary& summary) {
  return report::junit_text({.title = "loadgen",
                             .dimensions = {},
                             .rows = {},
                             .checks = checks_of(summary.causes, summary.expect)});
}

}  // namespace headgate::load
