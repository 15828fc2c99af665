// The study `sim`: how fast simulations run, beside SimPy and Ciw on the same M/M/1 queue, and
// whether our goals hold. All contenders of a round run one after another, so that a slow stretch
// of the machine meets each of them; the answers are checked against theory, ours and theirs.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "common/study.hpp"
#include "headgate/config/scenario_config.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/journey.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/replication.hpp"
#include "headgate/stats/median.hpp"
#include "sim/kernels.hpp"
#include "support/process.hpp"

namespace headgate::study {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::size_t rounds = 7;
  std::string python;
  std::string out;
  bool tiny = false;
};

struct Row {
  std::string name;
  std::string unit;
  double goal = 0;       // 0: none
  bool at_least = true;  // else at most
  std::vector<double> values = {};
  std::vector<double> means = {};  // of response times, in service times, where there are some
};

sim::Plan plan_of(const std::string& text) {
  const auto loaded = config::load_scenario_text(text, "study");
  if (!loaded.ok()) throw std::runtime_error(config::to_text(loaded.diagnostics.front()));
  return sim::make_plan(loaded.value.base()).value();
}

constexpr const char* kQueue =
    "arrivals: {{poisson: 90/s}}\nservices: {{s: {{time: {{exponential: 10ms}}}}}}\n"
    "run: {{jobs: {}}}\n";
// What a gateway in production has: a limit, two choices, timeouts, retries within a budget.
constexpr const char* kGateway =
    "arrivals: {{poisson: 800/s}}\n"
    "gateway:\n"
    "  listeners: [{{name: http, bind: '127.0.0.1:0'}}]\n"
    "  services:\n"
    "    s:\n"
    "      targets: [{{url: 'http://127.0.0.1:1'}}, {{url: 'http://127.0.0.1:2'}},"
    " {{url: 'http://127.0.0.1:3'}}, {{url: 'http://127.0.0.1:4'}}, {{url: 'http://127.0.0.1:5'}},"
    " {{url: 'http://127.0.0.1:6'}}, {{url: 'http://127.0.0.1:7'}}, {{url: 'http://127.0.0.1:8'}},"
    " {{url: 'http://127.0.0.1:9'}}, {{url: 'http://127.0.0.1:10'}}]\n"
    "      balance: {{policy: two_choices}}\n"
    "      timeouts: {{response: 200ms}}\n"
    "      retry: {{attempts: 2, on: [timeout, '503'], budget: 20%}}\n"
    "  routes:\n"
    "  - name: all\n"
    "    match: {{path: {{prefix: /}}}}\n"
    "    filters: [{{rate_limit: {{algorithm: token_bucket, rate: 850/s, burst: 50}}}}]\n"
    "    service: s\n"
    "services: {{s: {{time: {{exponential: 10ms}}, queue: 50}}}}\n"
    "clients: {{timeout: 1s}}\n"
    "run: {{jobs: {}}}\n";

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

const std::atomic<bool> kNever{false};

void measure(Row& row, const sim::Plan& plan, std::uint64_t seed, double service_ns) {
  const auto start = Clock::now();
  const sim::Outcome outcome = sim::replicate(plan, seed, kNever);
  const double seconds = seconds_since(start);
  const auto jobs = outcome.totals.scheduled + outcome.warmup_requests;
  row.values.push_back(static_cast<double>(jobs) / seconds / 1e6);
  row.means.push_back(outcome.response_time.mean_ns() / service_ns);
}

// Two replications one after another against two at once.
void measure_threads(Row& row, const sim::Plan& plan, std::uint64_t seed) {
  auto start = Clock::now();
  static_cast<void>(sim::replicate(plan, seed, kNever));
  static_cast<void>(sim::replicate(plan, seed + 1, kNever));
  const double alone = seconds_since(start);
  start = Clock::now();
  {
    const std::jthread other([&] { static_cast<void>(sim::replicate(plan, seed, kNever)); });
    static_cast<void>(sim::replicate(plan, seed + 1, kNever));
  }
  row.values.push_back(alone / seconds_since(start));
}

void measure_peer(Row& row, const Options& options, const std::string& script, std::uint64_t jobs,
                  std::size_t round) {
  const test::Ended ended = test::run({options.python, std::string{HG_SOURCE_DIR} + script,
                                       std::to_string(jobs), "0.9", std::to_string(round + 1)});
  if (ended.exit_code != 0) throw std::runtime_error(script + ": " + ended.err);
  const auto answer = nlohmann::json::parse(ended.out);
  row.name = fmt::format("{} {}", row.name.substr(0, row.name.find(' ')),
                         answer["version"].get<std::string>());
  row.values.push_back(answer["jobs_per_s"].get<double>() / 1e6);
  row.means.push_back(answer["mean"].get<double>());
}

std::vector<Row> run_all(const Options& options) {
  const std::uint64_t jobs = options.tiny ? 2000 : 1'000'000;
  const sim::Plan queue = plan_of(fmt::format(fmt::runtime(kQueue), jobs));
  const sim::Plan gateway = plan_of(fmt::format(fmt::runtime(kGateway), jobs));
  std::vector<Row> rows{
      {.name = "M/M/1 at 0.9, engine and station alone", .unit = "M jobs/s", .goal = 20},
      {.name = "M/M/1 at 0.9, whole model", .unit = "M jobs/s"},
      {.name = "gateway: limit, two choices, timeouts, retries", .unit = "M jobs/s", .goal = 2},
      {.name = "two threads against one", .unit = "times", .goal = 1.9},
      {.name = "hold, 16 pending", .unit = "ns", .goal = 25, .at_least = false},
      {.name = "hold, 4096 pending", .unit = "ns", .goal = 80, .at_least = false},
      {.name = "hold, 1048576 pending", .unit = "ns", .goal = 200, .at_least = false},
      {.name = "an event, four of five cancelled, against none",
       .unit = "times",
       .goal = 1.3,
       .at_least = false},
      {.name = "a request under way (call, request, attempt)",
       .unit = "bytes",
       .goal = 128,
       .at_least = false}};
  if (!options.python.empty()) {
    rows.push_back({.name = "SimPy", .unit = "M jobs/s"});
    rows.push_back({.name = "Ciw", .unit = "M jobs/s"});
  }
  const std::uint64_t steps = options.tiny ? 2000 : 3'000'000;
  for (std::size_t round = 0; round < options.rounds; ++round) {
    rows[0].values.push_back(1e3 / mm1_ns(steps, round));
    measure(rows[1], queue, round + 1, 10e6);
    measure(rows[2], gateway, round + 1, 10e6);
    measure_threads(rows[3], queue, round + 1);
    rows[4].values.push_back(hold_ns(16, steps));
    rows[5].values.push_back(hold_ns(4096, steps));
    rows[6].values.push_back(hold_ns(options.tiny ? 4096 : 1 << 20, steps));
    const double none = hold_ns(256, steps);
    rows[7].values.push_back(timers_ns(256, steps) / 5 / none);
    rows[8].values.push_back(sizeof(sim::Call) + sizeof(sim::Request) + sizeof(sim::Attempt));
    if (options.python.empty()) continue;
    measure_peer(rows[9], options, "/tests/bench/peers/mm1_simpy.py", 200'000, round);
    measure_peer(rows[10], options, "/tests/bench/peers/mm1_ciw.py", 50'000, round);
  }
  return rows;
}

bool holds(const Row& row, double value) {
  return row.at_least ? value >= row.goal : value <= row.goal;
}

std::string table_of(const std::vector<Row>& rows, std::size_t rounds) {
  report::Table table({{"what", report::Align::kLeft},
                       {"median", report::Align::kRight},
                       {"low", report::Align::kRight},
                       {"high", report::Align::kRight},
                       {"unit", report::Align::kLeft},
                       {"goal", report::Align::kLeft},
                       {"mean response", report::Align::kRight}});
  for (const Row& row : rows) {
    const stats::Estimate value = stats::median_interval(row.values);
    double mean = 0;
    for (const double one : row.means) mean += one / static_cast<double>(row.means.size());
    const std::string goal = row.goal == 0
                                 ? ""
                                 : fmt::format("{} {:g}: {}", row.at_least ? "at least" : "at most",
                                               row.goal, holds(row, value.value) ? "yes" : "no");
    table.add({row.name, fmt::format("{:.3g}", value.value), fmt::format("{:.3g}", value.low),
               fmt::format("{:.3g}", value.high), row.unit, goal,
               row.means.empty() ? "" : fmt::format("{:.2f}", mean)});
  }
  return fmt::format(
      "{}\n{} rounds, each of all rows one after another. Mean response in service times; an M/M/1 "
      "queue at 0.9 has 10.\n",
      table.to_text(), rounds);
}

int study(const Options& options, const std::vector<std::string>& command) {
  const std::vector<Row> rows = run_all(options);
  const std::string table = table_of(rows, options.rounds);
  std::fputs(table.c_str(), stdout);
  report::Json data = report::Json::array();
  for (const Row& row : rows) {
    data.push_back({{"name", row.name}, {"unit", row.unit}, {"values", row.values}});
  }
  leave(options.out, command, {{"data.json", report::to_text(data)}, {"table.txt", table}}, {});
  return 0;
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  headgate::study::Options options;
  CLI::App app{"How fast simulations run, beside SimPy and Ciw"};
  app.add_option("--rounds", options.rounds, "each measures everything once")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--python", options.python, "an interpreter that has simpy and ciw");
  app.add_option("--out", options.out, "folder for manifest.json, data.json and table.txt");
  app.add_flag("--tiny", options.tiny, "one short round: shows that it works");
  CLI11_PARSE(app, argc, argv);
  if (options.tiny) options.rounds = 2;
  return headgate::study::ending(
      "sim", [&] { return headgate::study::study(options, {argv, argv + argc}); });
}
