// The page that people read: durations with the durability they were bought at, the accounts as
// sums that can be checked by eye, then the verdict.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "headgate/load/messages/summary.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::load::messages {
namespace {

using report::Paint;

std::string durations(const Summary& summary) {
  std::vector<report::Table::Column> columns{
      {"", report::Align::kLeft}, {"durability", report::Align::kLeft}, {"mean"}};
  for (const auto& quantile : report::named_quantiles()) {
    columns.push_back({std::string{quantile.name}});
  }
  columns.push_back({"max"});
  report::Table table{std::move(columns)};
  const auto add = [&](std::string title, const stats::Histogram& histogram) {
    const bool none = histogram.count() == 0;
    std::vector<std::string> row{
        std::move(title), summary.kept.durability,
        none ? "-" : report::human(Duration{std::llround(histogram.mean_ns())})};
    for (const auto& quantile : report::named_quantiles()) {
      row.push_back(none ? "-" : report::human(histogram.quantile(quantile.q)));
    }
    row.push_back(none ? "-" : report::human(histogram.max()));
    table.add(std::move(row));
  };
  const Measured& measured = summary.measured;
  add("publish time", measured.published.publish_time);
  const bool several = measured.groups.size() > 1;
  for (std::size_t i = 0; i < measured.groups.size(); ++i) {
    add(several ? fmt::format("end to end, group {}", i) : "end to end",
        measured.groups[i].end_to_end_time);
  }
  if (summary.queue) add("settle time", measured.groups.front().settle_time);
  add("send lag", measured.published.send_lag);
  return table.to_text();
}

std::string mib_per_s(const Summary& summary, std::uint64_t count) {
  return fmt::format("{:.3g} MiB/s", summary.measured.per_second(count) *
                                         static_cast<double>(summary.size) / 1024.0 / 1024.0);
}

std::string rates(const Summary& summary) {
  const Measured& measured = summary.measured;
  const auto part = [&](const char* what, std::uint64_t count) {
    return fmt::format("{} {} ({})", report::human_rate(measured.per_second(count)), what,
                       mib_per_s(summary, count));
  };
  std::string text =
      fmt::format("rates     {} offered, {}",
                  report::human_rate(measured.per_second(measured.published.offered)),
                  part("published", measured.published.in_time));
  for (const Consumed& group : measured.groups) text += ", " + part("consumed", group.in_time);
  text += fmt::format(" over {}\n", report::human(measured.figures));
  const auto backlog = backlog_series(measured);
  if (!backlog.empty()) {
    text += fmt::format("backlog   at most {} at the end of a second, {} at the end\n",
                        *std::ranges::max_element(backlog), backlog.back());
  }
  if (measured.backlog) {
    const double seconds = static_cast<double>(measured.backlog->drain.count()) / 1e9;
    text +=
        fmt::format("          {} built in {}, drained in {} ({})\n", measured.backlog->built,
                    report::human(measured.backlog->build), report::human(measured.backlog->drain),
                    report::human_rate(
                        seconds > 0 ? static_cast<double>(measured.backlog->built) / seconds : 0));
  }
  return text;
}

std::string accounts(const Summary& summary) {
  const Measured& measured = summary.measured;
  const stats::Totals& totals = measured.published.totals;
  std::string text = fmt::format(
      "messages  {} scheduled = {} acknowledged + {} refused + {} failed + {} timed out + {} in "
      "flight + {} not sent\n",
      totals.scheduled, totals.ok, totals.refused, totals.failed, totals.timed_out,
      totals.in_flight, totals.not_sent);
  for (std::size_t i = 0; i < measured.accounts.size(); ++i) {
    const Account& account = measured.accounts[i];
    const Consumed& group = measured.groups[i];
    text += fmt::format(
        "{}  {} acknowledged = {} {} + {} left + {} lost; {} duplicated, {} out of order, {} "
        "damaged\n",
        summary.queue ? "queue   " : fmt::format("group {:<2}", i), account.published,
        account.consumed, summary.queue ? "settled" : "consumed", account.left, account.lost,
        account.duplicated, group.out_of_order, group.damaged);
    if (summary.queue) {
      text += fmt::format("          {} deliveries, {} of them again; {} acked, {} dead\n",
                          group.deliveries, group.redelivered, group.settled, group.dead);
    }
    if (account.unconfirmed > 0) {
      text += fmt::format("          {} came that were never acknowledged\n", account.unconfirmed);
    }
    for (const auto& [why, count] : group.errors) {
      text += fmt::format("errors    {} x consuming: {}\n", count, why);
    }
  }
  for (const auto& [why, count] : measured.published.errors) {
    text += fmt::format("errors    {} x publishing: {}\n", count, why);
  }
  for (const std::string& remark : summary.remarks) text += "remark    " + remark + "\n";
  return text;
}

std::string verdicts(const Summary& summary, bool colour) {
  std::string text;
  const bool held = summary.measured.held();
  text +=
      fmt::format("accounts  {}\n", held ? report::painted("held", Paint::kGreen, colour) +
                                               ": nothing lost, duplicated, reordered or damaged"
                                         : report::painted("BROKEN", Paint::kRed, colour) +
                                               ": the store did not keep what it acknowledged");
  text += judged_text(summary.expect, colour);
  return text + validity_text(summary.causes,
                              "generator lateness p99 " +
                                  report::human(summary.measured.evidence.lateness_p99),
                              colour);
}

}  // namespace

std::string to_text(const Summary& summary, bool colour) {
  std::string text = fmt::format("{} {}, durability {}: {}\n\n", summary.kept.store, summary.name,
                                 summary.kept.durability, summary.load);
  if (summary.measured.interrupted) text += "interrupted: what was measured so far\n\n";
  text += durations(summary) + "\n" + accounts(summary) + rates(summary) + "\n";
  return text + verdicts(summary, colour);
}

}  // namespace headgate::load::messages
