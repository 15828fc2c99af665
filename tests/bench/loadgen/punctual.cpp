#include "punctual.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "contestant.hpp"
#include "headgate/load/doctor.hpp"
#include "headgate/report/table.hpp"

namespace headgate::study {
namespace {

PunctualRow row_of(const Server& server, int rate, int seconds, const std::string& spin) {
  const test::TempDir dir;
  const std::string json = dir.path() + "/result.json";
  const Outing outing =
      go({test::command("loadgen"), "run", server.url(), "-R", fmt::format("{}/s", rate), "-d",
          fmt::format("{}s", seconds), "-c", "64", "--spin", spin, "--json", json});
  const auto result = nlohmann::json::parse(test::read_file(json));
  const auto us = [&result](const char* timing, const char* figure) {
    return result[timing][figure].get<double>() / 1e3;
  };
  PunctualRow row{.name = "loadgen --spin " + spin, .rate = static_cast<double>(rate)};
  row.lag_p50_us = us("send_lag", "p50_ns");
  row.lag_p99_us = us("send_lag", "p99_ns");
  row.lag_p999_us = us("send_lag", "p999_ns");
  row.response_p50_us = us("response_time", "p50_ns");
  row.response_p99_us = us("response_time", "p99_ns");
  row.scheduled = result["totals"]["scheduled"];
  row.expected = static_cast<double>(rate) * seconds;
  row.achieved = result["throughput_per_s"].get<double>() / rate;
  row.cpu_share =
      static_cast<double>(outing.cpu.count()) / static_cast<double>(outing.wall.count());
  return row;
}

/// It does not say how late it sends.
PunctualRow wrk2_row(const Server& server, int rate, int seconds) {
  const Outing outing = go({program("wrk2"), "-t1", "-c64", "-L", fmt::format("-R{}", rate),
                            fmt::format("-d{}s", seconds + kWrk2Lead), server.url()});
  const std::string& out = outing.ended.out;
  PunctualRow row{.name = "wrk2", .rate = static_cast<double>(rate)};
  row.response_p50_us = in_ms(out, " 50.000%") * 1e3;
  row.response_p99_us = in_ms(out, " 99.000%") * 1e3;
  row.scheduled = number_before(out, " requests in ");
  row.expected = static_cast<double>(rate) * (seconds + kWrk2Lead);
  row.achieved = number_after(out, "Requests/sec:") / rate;
  row.cpu_share =
      static_cast<double>(outing.cpu.count()) / static_cast<double>(outing.wall.count());
  return row;
}

std::string us_text(double us) { return us < 0 ? "-" : fmt::format("{:.1f}", us); }

}  // namespace

Punctuality measure_punctuality(int seconds) {
  const Server server;
  Punctuality measured;
  const auto only_sleep = [&measured] {
    const load::DoctorFacts facts = load::examine_machine();
    measured.sleep_late_p50.push_back(facts.sleep_late_p50);
    measured.sleep_late_p99.push_back(facts.sleep_late_p99);
  };
  only_sleep();
  for (const char* spin : {"always", "auto", "never"}) {
    for (const int rate : {1000, 10'000}) {
      measured.rows.push_back(row_of(server, rate, seconds, spin));
    }
  }
  if (!program("wrk2").empty()) {
    for (const int rate : {1000, 10'000}) {
      measured.rows.push_back(wrk2_row(server, rate, seconds));
    }
  }
  only_sleep();
  return measured;
}

std::string punctual_text(const Punctuality& measured) {
  report::Table table{{{"generator", report::Align::kLeft},
                       {"rate"},
                       {"send lag p50 us"},
                       {"p99"},
                       {"p999"},
                       {"response p50 us"},
                       {"p99"},
                       {"sent of due"},
                       {"answered/rate"},
                       {"CPU"}}};
  for (const PunctualRow& row : measured.rows) {
    table.add({row.name, fmt::format("{:.0f}/s", row.rate), us_text(row.lag_p50_us),
               us_text(row.lag_p99_us), us_text(row.lag_p999_us),
               fmt::format("{:.1f}", row.response_p50_us),
               fmt::format("{:.1f}", row.response_p99_us),
               fmt::format("{:.0f} of {:.0f}", row.scheduled, row.expected),
               fmt::format("{:.5f}", row.achieved), report::human_share(row.cpu_share)});
  }
  return "Open loop at a constant rate, 64 connections, one thread on a core of its own\n\n" +
         table.to_text() +
         fmt::format(
             "\nA thread that only sleeps was woken late by {} at p50, {} at p99 before, {} and {} "
             "after.\n",
             report::human(measured.sleep_late_p50.front()),
             report::human(measured.sleep_late_p99.front()),
             report::human(measured.sleep_late_p50.back()),
             report::human(measured.sleep_late_p99.back()));
}

}  // namespace headgate::study
