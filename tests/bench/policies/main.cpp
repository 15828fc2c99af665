// The study `policies`: what one decision costs, beside the designs of others, and whether our
// goals hold.
#include <sched.h>

#include <CLI/CLI.hpp>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <stop_token>
#include <thread>

#include "common/study.hpp"
#include "contest.hpp"
#include "headgate/core/text.hpp"
#include "headgate/report/json.hpp"
#include "results.hpp"

namespace headgate::study {
namespace {

struct Options {
  std::size_t rounds = 9;
  std::string slice = "20ms";
  std::string only;
  std::string out;
  int cpu = -1;
  bool tiny = false;
};

/// Stays on one core: the last that this process may use, as the first serves most interrupts.
int pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) throw std::runtime_error("no cores to pin to");
  for (int i = 0; i < CPU_SETSIZE && cpu < 0; ++i) {
    if (CPU_ISSET(CPU_SETSIZE - 1 - i, &set)) cpu = CPU_SETSIZE - 1 - i;
  }
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) {
    throw std::runtime_error("cannot pin to core " + std::to_string(cpu));
  }
  return cpu;
}

/// A process of one thread gets locks without atomic operations from the C library; a gateway has
/// several, so this one does too. It sleeps until the study is over.
std::jthread sleeper() {
  return std::jthread([](const std::stop_token& stop) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait(lock, stop, [] { return false; });
  });
}

std::vector<Row> run_all(const Options& options, Duration slice) {
  std::vector<Row> rows;
  for (const auto& contests : {limiter_contests(options.tiny), balancer_contests(options.tiny)}) {
    for (const Planned& planned : contests) {
      if (!planned.name.contains(options.only)) continue;
      Contest contest = planned.make();
      contest.name = planned.name;
      run(contest, options.rounds, slice);
      rows.push_back(summarise(contest));
    }
  }
  return rows;
}

int study(const Options& options, const std::vector<std::string>& command) {
  const Result<Duration> slice = parse_duration(options.slice);
  if (!slice) throw std::runtime_error("--slice " + options.slice + ": " + slice.error().why);
  const int cpu = pin(options.cpu);
  const std::jthread second = sleeper();
  const std::vector<Row> rows = run_all(options, *slice);
  const std::string table = table_text(rows, options.rounds);
  std::fputs(table.c_str(), stdout);
  for (const Row& row : rows) {
    if (row.allocations == 0) continue;
    throw std::runtime_error(row.name + " allocates after construction");
  }
  leave(options.out, command,
        {{"data.json", report::to_text(rows_json(rows))}, {"table.txt", table}},
        {{"rounds", options.rounds},
         {"slice", options.slice},
         {"cpu_pinned", cpu},
         {"peers", "tests/bench/peers"}});
  return 0;
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  headgate::study::Options options;
  CLI::App app{"Nanoseconds per decision of the policies, beside the designs of others"};
  app.add_option("--rounds", options.rounds, "each measures every contender once")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--slice", options.slice, "length of one measurement")->capture_default_str();
  app.add_option("--only", options.only, "contests with this text in their name");
  app.add_option("--cpu", options.cpu, "the core to stay on; default: the last one");
  app.add_option("--out", options.out, "folder for manifest.json, data.json and table.txt");
  app.add_flag("--tiny", options.tiny, "two rounds of 200us on small tables: shows that it works");
  CLI11_PARSE(app, argc, argv);
  if (options.tiny) {
    options.rounds = 2;
    options.slice = "200us";
  }
  return headgate::study::ending(
      "policies", [&] { return headgate::study::study(options, {argv, argv + argc}); });
}
