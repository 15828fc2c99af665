#include "results.hpp"

#include <fmt/format.h>

#include "headgate/report/table.hpp"
#include "headgate/stats/median.hpp"

namespace headgate::study {
namespace {

template <class Figure>
stats::Estimate median_of(std::size_t rounds, Figure figure) {
  std::vector<double> values;
  for (std::size_t round = 0; round < rounds; ++round) values.push_back(figure(round));
  return stats::median_interval(values);
}

std::string interval_text(const stats::Estimate& estimate, int digits) {
  return fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", estimate.value, digits, estimate.low, digits,
                     estimate.high, digits);
}

}  // namespace

std::vector<Row> summarise(const std::vector<Series>& all) {
  std::vector<Row> rows;
  const std::vector<Slice>& ours = all.front().slices;
  for (const Series& series : all) {
    const std::vector<Slice>& slices = series.slices;
    Row row;
    row.us_per_request =
        median_of(slices.size(), [&](std::size_t i) { return slices[i].us_per_request(); });
    row.ratio = median_of(slices.size(), [&](std::size_t i) {
      return ours[i].us_per_request() / slices[i].us_per_request();
    });
    CpuTime cpu;
    double requests = 0;
    Duration length{};
    for (const Slice& slice : slices) {
      cpu.user += slice.cpu.user;
      cpu.system += slice.cpu.system;
      requests += static_cast<double>(slice.requests);
      length += slice.length;
    }
    const auto ticks = static_cast<double>((cpu.user + cpu.system).count());
    row.user_share = ticks > 0 ? static_cast<double>(cpu.user.count()) / ticks : 0;
    row.requests_per_s = requests * 1e9 / static_cast<double>(length.count());
    rows.push_back(row);
  }
  return rows;
}

std::string table_text(const std::vector<Series>& all, const std::vector<Row>& rows) {
  report::Table table({{"gateway", report::Align::kLeft},
                       {"CPU us/request", report::Align::kRight},
                       {"user", report::Align::kRight},
                       {"user us", report::Align::kRight},
                       {"syscalls", report::Align::kRight},
                       {"requests", report::Align::kRight},
                       {"headgate's ratio to it", report::Align::kRight}});
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Row& row = rows[i];
    table.add({all[i].name, interval_text(row.us_per_request, 2),
               report::human_share(row.user_share),
               fmt::format("{:.2f}", row.us_per_request.value * row.user_share),
               all[i].syscalls ? fmt::format("{:.2f}", *all[i].syscalls) : "?",
               report::human_rate(row.requests_per_s), i == 0 ? "" : interval_text(row.ratio, 3)});
  }
  return fmt::format(
      "{}\n{} rounds of interleaved slices, {} keep-alive connections, 1 KiB bodies; "
      "medians, in brackets the interval\nthat holds the median with {:.0f} % "
      "confidence. Below 3 % a difference is noise. Syscalls are per request, counted under "
      "strace.\n",
      table.to_text(), all.front().slices.size(), kConnections,
      100 * rows.front().us_per_request.confidence);
}

std::string csv_text(const std::vector<Series>& all) {
  std::string text = "round,gateway,requests,length_ns,cpu_ns,user_ns,system_ns\n";
  for (std::size_t round = 0; round < all.front().slices.size(); ++round) {
    for (const Series& series : all) {
      const Slice& slice = series.slices[round];
      text += fmt::format("{},{},{},{},{},{},{}\n", round, series.name, slice.requests,
                          slice.length.count(), slice.cpu.total.count(), slice.cpu.user.count(),
                          slice.cpu.system.count());
    }
  }
  return text;
}

}  // namespace headgate::study
