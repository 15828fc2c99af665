#include "footprint.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <stdexcept>

#include "contestant.hpp"
#include "headgate/report/table.hpp"
#include "headgate/stats/median.hpp"
#include "support/socket_server.hpp"

namespace headgate::study {
namespace {

using Clock = std::chrono::steady_clock;

/// From the start of `argv`, with the address at its end, to the first byte that it sends.
double start_ms(test::Argv argv) {
  std::promise<Clock::time_point> first;
  std::atomic<bool> seen = false;
  test::SocketServer server{[&](int fd) {
    std::array<char, 1024> bytes{};
    if (recv(fd, bytes.data(), bytes.size(), 0) > 0 && !seen.exchange(true)) {
      first.set_value(Clock::now());
    }
  }};
  argv.push_back("http://" + server.address() + "/");
  const auto began = Clock::now();
  test::Process generator{on_client_core(argv)};
  auto when = first.get_future();
  if (when.wait_for(std::chrono::seconds{10}) != std::future_status::ready) {
    throw std::runtime_error(argv.front() + " sends nothing");
  }
  generator.signal(SIGKILL);
  return std::chrono::duration<double, std::milli>(when.get() - began).count();
}

double resident_kib_with(int connections) {
  const Server server;
  test::Process load{
      on_client_core({test::command("loadgen"), "run", server.url(), "-R", "100/s", "-c",
                      std::to_string(connections), "-d", "60s", "--progress"})};
  // It speaks when it drives, which is when all connections are open.
  if (!test::eventually([&load] { return !load.err().empty(); })) {
    throw std::runtime_error("loadgen opens no connections");
  }
  const double kib = resident_kib(load.pid());
  load.signal(SIGKILL);
  return kib;
}

}  // namespace

Footprint measure_footprint(std::size_t rounds, int connections) {
  std::vector<std::pair<std::string, test::Argv>> tools{
      {"loadgen", {test::command("loadgen"), "run", "-c", "1", "-n", "1"}},
      {"wrk", {"wrk", "-t1", "-c1", "-d1s"}},
      {"h2load", {"h2load", "--h1", "-n1", "-c1"}},
      {"ab", {"ab", "-q", "-n", "1", "-c", "1"}}};
  if (!program("oha").empty()) {
    tools.push_back({"oha", {program("oha"), "--no-tui", "-n", "1", "-c", "1"}});
  }
  if (!program("wrk2").empty()) {
    tools.push_back({"wrk2", {program("wrk2"), "-t1", "-c1", "-R1", "-d1s"}});
  }
  Footprint footprint{.starts = {}, .few = 64, .many = 64 + connections};
  for (const auto& [name, argv] : tools) footprint.starts.push_back({name, {}});
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < tools.size(); ++i) {
      footprint.starts[i].ms.push_back(start_ms(tools[i].second));
    }
  }
  footprint.few_kib = resident_kib_with(footprint.few);
  footprint.many_kib = resident_kib_with(footprint.many);
  return footprint;
}

std::string footprint_text(const Footprint& footprint) {
  report::Table table{{{"generator", report::Align::kLeft}, {"first request after ms"}}};
  for (const ColdStart& start : footprint.starts) {
    table.add({start.name, fmt::format("{:.1f}", stats::median_interval(start.ms).value)});
  }
  return fmt::format(
      "From the start of the process to the first request, {} rounds, medians\n\n{}\n"
      "loadgen is resident with {:.2f} MiB at {} connections and {:.2f} MiB at {}: {:.2f} KiB for "
      "each that waits\n",
      footprint.starts.front().ms.size(), table.to_text(), footprint.few_kib / 1024, footprint.few,
      footprint.many_kib / 1024, footprint.many,
      (footprint.many_kib - footprint.few_kib) / (footprint.many - footprint.few));
}

}  // namespace headgate::study
