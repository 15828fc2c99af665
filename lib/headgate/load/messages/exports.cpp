#include "headgate/load/messages/exports.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace headgate::load::messages {
namespace {

report::SheetCheck accounts_check(const Summary& summary) {
  std::string broken;
  const auto add = [&broken](std::uint64_t count, const char* what) {
    if (count > 0) broken += fmt::format("{}{} {}", broken.empty() ? "" : ", ", count, what);
  };
  for (const Account& account : summary.measured.accounts) {
    add(account.lost, "lost");
    add(account.duplicated, "duplicated");
  }
  for (const Consumed& group : summary.measured.groups) {
    add(group.out_of_order, "out of order");
    add(group.damaged, "damaged");
  }
  return {.expect = "every acknowledged message comes once, whole and in order",
          .why = {},
          .observed = broken.empty() ? "held" : broken,
          .passed = summary.measured.held(),
          .certain = true};
}

}  // namespace

std::string csv_text(const Summary& summary) {
  const Measured& measured = summary.measured;
  const std::vector<std::uint64_t> backlog = backlog_series(measured);
  const std::size_t seconds = std::max(backlog.size(), measured.published.scheduled.size());
  std::string text = "second,scheduled,published,";
  for (std::size_t g = 0; g < measured.groups.size(); ++g) text += fmt::format("consumed_{},", g);
  text += "backlog\r\n";
  for (std::size_t i = 0; i < seconds; ++i) {
    text += fmt::format("{},{},{},", i, measured.published.scheduled.at(i),
                        measured.published.answered.at(i));
    for (const Consumed& group : measured.groups) text += fmt::format("{},", group.arrived.at(i));
    text += fmt::format("{}\r\n", i < backlog.size() ? backlog[i] : 0);
  }
  return text;
}

std::string junit_text(const Summary& summary) {
  std::vector<report::SheetCheck> checks = checks_of(summary.causes, summary.expect);
  checks.insert(checks.begin() + 1, accounts_check(summary));
  return report::junit_text(
      {.title = "loadgen bus", .dimensions = {}, .rows = {}, .checks = std::move(checks)});
}

}  // namespace headgate::load::messages
