#include "memory.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "contestant.hpp"

namespace headgate::study {

Memory measure_memory(int seconds, int rate, int connections) {
  const Server server;
  const test::TempDir dir;
  const std::string json = dir.path() + "/result.json";
  const auto began = std::chrono::steady_clock::now();
  test::Process load{on_client_core({test::command("loadgen"), "run", server.url(), "-R",
                                     fmt::format("{}/s", rate), "-c", std::to_string(connections),
                                     "-d", fmt::format("{}s", seconds), "--json", json})};
  Memory memory{.seconds = seconds, .rate = rate, .connections = connections};
  const auto early =
      std::min(std::chrono::milliseconds{10'000}, std::chrono::milliseconds{seconds * 100});
  std::this_thread::sleep_until(began + early);
  memory.early_mib = resident_kib(load.pid()) / 1024;
  // The last look is before the end, when the result is written.
  std::this_thread::sleep_until(began + std::chrono::milliseconds{seconds * 1000 - 100});
  memory.last_mib = resident_kib(load.pid()) / 1024;
  static_cast<void>(load.wait());
  const auto result = nlohmann::json::parse(test::read_file(json));
  memory.requests = result["totals"]["scheduled"];
  memory.verdict = result["verdict"];
  return memory;
}

std::string memory_text(const Memory& memory) {
  return fmt::format(
      "{} connections, {}/s for {} s: {:.0f} requests, {}; resident {:.2f} MiB early, {:.2f} MiB "
      "at "
      "the end: {:+.2f} MiB\n",
      memory.connections, memory.rate, memory.seconds, memory.requests, memory.verdict,
      memory.early_mib, memory.last_mib, memory.last_mib - memory.early_mib);
}

}  // namespace headgate::study
