#include "capacity.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "common/strace.hpp"
#include "headgate/report/table.hpp"

namespace headgate::study {
namespace {

Outing counted(Outing outing, double requests, double seconds) {
  if (requests <= 0) {
    throw std::runtime_error("no requests counted:\n" + outing.ended.out + outing.ended.err);
  }
  outing.requests = static_cast<std::uint64_t>(requests);
  outing.wall = Duration{static_cast<std::int64_t>(seconds * 1e9)};
  return outing;
}

Outing ours(const Server& server, int seconds, int pipeline) {
  const test::TempDir dir;
  const std::string json = dir.path() + "/result.json";
  Outing outing =
      go({test::command("loadgen"), "run", server.url(), "-c", "64", "-t", "1", "-d",
          fmt::format("{}s", seconds), "--pipeline", std::to_string(pipeline), "--json", json});
  const auto result = nlohmann::json::parse(test::read_file(json));
  return counted(std::move(outing), result["totals"]["ok"],
                 result["duration_ns"].get<double>() / 1e9);
}

Outing wrk(const Server& server, int seconds, bool pipelined) {
  test::Argv argv{"wrk", "-t1", "-c64", fmt::format("-d{}s", seconds)};
  if (pipelined) {
    argv.insert(argv.end(), {"-s", HG_SOURCE_DIR "/tests/bench/peers/pipeline.lua"});
  }
  argv.push_back(server.url());
  Outing outing = go(argv);
  const double requests = number_before(outing.ended.out, " requests in ");
  const double took = number_after(outing.ended.out, " requests in ");
  return counted(std::move(outing), requests, took);
}

Outing h2load(const Server& server, int seconds, int pipeline) {
  Outing outing = go({"h2load", "--h1", "-t1", "-c64", fmt::format("-m{}", pipeline), "-D",
                      std::to_string(seconds), server.url()});
  const double requests = number_before(outing.ended.out, " succeeded");
  return counted(std::move(outing), requests, seconds);
}

Outing ab(const Server& server, int seconds) {
  Outing outing = go({"ab", "-q", "-k", "-c", "64", "-t", std::to_string(seconds), "-n", "50000000",
                      server.url()});
  const double requests = number_after(outing.ended.out, "Complete requests:");
  const double took = number_after(outing.ended.out, "Time taken for tests:");
  return counted(std::move(outing), requests, took);
}

Outing oha(const Server& server, int seconds) {
  Outing outing = go({program("oha"), "--no-tui", "-c", "64", "-z", fmt::format("{}s", seconds),
                      "--output-format", "json", server.url()});
  const auto result = nlohmann::json::parse(outing.ended.out);
  const double rate = result["summary"]["requestsPerSec"];
  return counted(std::move(outing), rate * seconds, seconds);
}

Outing k6(const Server& server, int seconds) {
  const test::TempDir dir;
  const std::string script = dir.write(
      "get.js", "import http from 'k6/http';\nexport const options = {vus: 64, duration: '" +
                    std::to_string(seconds) + "s', discardResponseBodies: true};\n" +
                    "export default function () { http.get('" + server.url() + "'); }\n");
  Outing outing = go({program("k6"), "run", "--quiet", "--no-usage-report", "--summary-export",
                      dir.path() + "/k6.json", script});
  const auto result = nlohmann::json::parse(test::read_file(dir.path() + "/k6.json"));
  return counted(std::move(outing), result["metrics"]["http_reqs"]["count"], seconds);
}

/// System calls of a whole run of `argv` under strace over its requests.
std::optional<double> syscalls_of(test::Argv argv, double requests) {
  const test::TempDir dir;
  const std::string summary = dir.path() + "/calls";
  argv.insert(argv.begin(), {"strace", "-c", "-f", "-o", summary});
  if (test::run(on_client_core(argv)).exit_code > 4) return std::nullopt;
  const std::optional<double> calls = calls_counted(summary);
  if (!calls) return std::nullopt;
  return *calls / requests;
}

std::string rows_text(const std::vector<Standing>& rows) {
  report::Table table{{{"generator", report::Align::kLeft},
                       {"requests/s"},
                       {"ours to it"},
                       {"CPU us/request"},
                       {"ours to it"},
                       {"syscalls"}}};
  for (const Standing& row : rows) {
    const Figures figures = figures_of(row, rows.front());
    const bool own = &row == &rows.front();
    table.add({row.name, report::human_rate(figures.rate.value),
               own ? "" : ratio_text(figures.faster), fmt::format("{:.2f}", figures.cost.value),
               own ? "" : ratio_text(figures.cheaper),
               row.syscalls ? fmt::format("{:.2f}", *row.syscalls) : ""});
  }
  return table.to_text();
}

}  // namespace

Capacity measure_capacity(std::size_t rounds, int seconds) {
  const Server server;
  std::vector<Entrant> plain{{"loadgen", [&] { return ours(server, seconds, 1); }},
                             {"wrk", [&] { return wrk(server, seconds, false); }},
                             {"h2load", [&] { return h2load(server, seconds, 1); }},
                             {"ab", [&] { return ab(server, seconds); }}};
  if (!program("oha").empty()) plain.push_back({"oha", [&] { return oha(server, seconds); }});
  if (!program("k6").empty()) plain.push_back({"k6", [&] { return k6(server, seconds); }});
  Capacity capacity;
  capacity.plain = hold(plain, rounds);
  capacity.pipelined = hold({{"loadgen", [&] { return ours(server, seconds, 16); }},
                             {"wrk", [&] { return wrk(server, seconds, true); }},
                             {"h2load", [&] { return h2load(server, seconds, 16); }}},
                            rounds);
  // Last, as what is traced runs many times slower. Counts, so that the requests are known.
  constexpr double kTraced = 20'000;
  capacity.plain[0].syscalls = syscalls_of(
      {test::command("loadgen"), "run", server.url(), "-c", "64", "-n", "20000"}, kTraced);
  capacity.plain[2].syscalls =
      syscalls_of({"h2load", "--h1", "-t1", "-c64", "-n", "20000", server.url()}, kTraced);
  capacity.plain[3].syscalls =
      syscalls_of({"ab", "-q", "-k", "-c", "64", "-n", "20000", server.url()}, kTraced);
  return capacity;
}

std::string capacity_text(const Capacity& capacity) {
  return fmt::format(
      "Closed loop, 64 connections, one thread on a core of its own\n\n{}\n"
      "The same, 16 requests under way on each connection\n\n{}\n"
      "{} rounds, interleaved; medians, in brackets the interval that holds the median of the\n"
      "ratios with {:.0f} % confidence. Below 3 % a difference is noise.\n",
      rows_text(capacity.plain), rows_text(capacity.pipelined),
      capacity.plain.front().rounds.size(),
      100 * figures_of(capacity.plain.front(), capacity.plain.front()).rate.confidence);
}

std::string capacity_csv(const Capacity& capacity) {
  std::string text = "kind,generator,round,requests,wall_ns,cpu_ns\n";
  const auto add = [&text](const char* kind, const std::vector<Standing>& rows) {
    for (const Standing& row : rows) {
      for (std::size_t i = 0; i < row.rounds.size(); ++i) {
        text += fmt::format("{},{},{},{},{},{}\n", kind, row.name, i, row.rounds[i].requests,
                            row.rounds[i].wall.count(), row.rounds[i].cpu.count());
      }
    }
  };
  add("plain", capacity.plain);
  add("pipelined", capacity.pipelined);
  return text;
}

}  // namespace headgate::study
