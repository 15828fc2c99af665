// The page that people read: the three durations side by side, the buckets as a sum that can be
// checked by eye, then the verdict.
#include <fmt/format.h>

#include <cmath>

#include "headgate/load/summary.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::load {
namespace {

/// How many values a quantile needs for its two-sided 95 % interval to be finite: below it, the
/// figure is little more than one of the greatest values seen. 1 - q^n - (1-q)^n >= 0.95.
std::uint64_t firm_from(double q) {
  return static_cast<std::uint64_t>(std::ceil(std::log(0.025) / std::log(q)));
}

std::string cell(const stats::Histogram& histogram, double q) {
  if (histogram.count() == 0) return "-";
  const char* mark = histogram.count() < firm_from(q) ? "~" : "";
  return mark + report::human(histogram.quantile(q));
}

std::string timings(const Tally& tally) {
  std::vector<report::Table::Column> columns{{"", report::Align::kLeft}, {"mean"}};
  for (const auto& quantile : report::named_quantiles()) {
    columns.push_back({std::string{quantile.name}});
  }
  columns.push_back({"max"});
  report::Table table{std::move(columns)};
  const auto add = [&table](const char* title, const stats::Histogram& histogram) {
    const Duration mean{std::llround(histogram.mean_ns())};
    std::vector<std::string> row{title, histogram.count() == 0 ? "-" : report::human(mean)};
    for (const auto& quantile : report::named_quantiles()) {
      row.push_back(cell(histogram, quantile.q));
    }
    row.push_back(histogram.count() == 0 ? "-" : report::human(histogram.max()));
    table.add(std::move(row));
  };
  add("response time", tally.response_time);
  add("service time", tally.service_time);
  add("send lag", tally.send_lag);
  if (tally.first_byte_time.count() > 0) add("first byte", tally.first_byte_time);
  if (tally.connect_time.count() > 0) add("connect", tally.connect_time);
  if (tally.tls_time.count() > 0) add("TLS handshake", tally.tls_time);
  std::string text = table.to_text();
  if (tally.response_time.count() < firm_from(0.999)) {
    text += "~ from too few requests to be firm\n";
  }
  return text;
}

/// By kind, with what the system called them, and the words of the last that had any.
std::string errors_of(const Measured& measured) {
  const Tally& tally = measured.tally;
  std::string errors;
  for (std::size_t i = 0; i < kFailures; ++i) {
    if (tally.failures[i] == 0) continue;
    const auto failure = static_cast<Failure>(i);
    errors += fmt::format("  {}: {}", name(failure), tally.failures[i]);
    std::string words;
    for (const ErrorCount& error : tally.errors) {
      if (error.failure != failure) continue;
      words +=
          fmt::format("{}{} {}", words.empty() ? "" : ", ", errno_name(error.error), error.count);
    }
    if (failure == Failure::kTlsFailed) words += measured.tls_fault;
    if (!words.empty()) errors += " (" + words + ")";
  }
  return errors;
}

std::string counts(const Measured& measured) {
  const Tally& tally = measured.tally;
  const stats::Totals& totals = tally.totals;
  std::string text = fmt::format(
      "requests  {} scheduled = {} ok + {} refused + {} failed + {} timed out + {} in flight + {} "
      "not sent\n",
      totals.scheduled, totals.ok, totals.refused, totals.failed, totals.timed_out,
      totals.in_flight, totals.not_sent);
  text += fmt::format("rates     {} offered, {} answered, {} ok over {}\n",
                      report::human_rate(measured.per_second(totals.scheduled)),
                      report::human_rate(measured.per_second(tally.answered_in_time)),
                      report::human_rate(measured.per_second(tally.ok_in_time)),
                      report::human(measured.window));
  std::string statuses;
  for (std::size_t status = 0; status < kStatuses; ++status) {
    if (tally.statuses[status] > 0) {
      statuses += fmt::format("  {}: {}", status, tally.statuses[status]);
    }
  }
  if (!statuses.empty()) text += "statuses" + statuses + "\n";
  if (const std::string errors = errors_of(measured); !errors.empty()) {
    text += "errors  " + errors + "\n";
  }
  if (tally.response_censored > 0) {
    text += fmt::format("censored  {} of {} response times are \"at least this long\"\n",
                        tally.response_censored, tally.response_time.count());
  }
  return text;
}

std::string per_target(const Summary& summary) {
  if (summary.targets.size() < 2) return {};
  report::Table table{
      {{"target", report::Align::kLeft}, {"sent"}, {"ok"}, {"refused"}, {"failed"}}};
  for (std::size_t i = 0; i < summary.targets.size(); ++i) {
    const TargetTotals& target = summary.measured.tally.targets[i];
    table.add({summary.targets[i], fmt::format("{}", target.sent),
               fmt::format("{}", target.totals.ok), fmt::format("{}", target.totals.refused),
               fmt::format("{}", target.totals.failed)});
  }
  return "\n" + table.to_text();
}

std::string verdict(const Summary& summary, bool colour) {
  const Evidence& evidence = summary.measured.evidence;
  return judged_text(summary.expect, colour) +
         validity_text(summary.causes,
                       fmt::format("generator lateness p99 {}, busiest thread {} of a core",
                                   report::human(evidence.lateness_p99),
                                   report::human_share(evidence.cpu_share_max)),
                       colour);
}

}  // namespace

std::string to_text(const Summary& summary, bool colour) {
  std::string text;
  for (const std::string& target : summary.targets) text += target + "  ";
  text += summary.load + "\n\n";
  if (summary.measured.interrupted) text += "interrupted: what was measured so far\n\n";
  text += timings(summary.measured.tally) + "\n" + counts(summary.measured);
  return text + per_target(summary) + agents_text(summary.agents) + "\n" + verdict(summary, colour);
}

}  // namespace headgate::load
