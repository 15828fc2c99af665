// The study `coverage`: of a thousand 95 % intervals, how many hold the truth?
//
// An M/M/1 queue is simulated with a thousand seeds, and each time the mean and the p99 of the
// response time get their intervals as `sim run` gives them, warm-up and all. Response times are
// exponential with the mean 10 ms / (1 - load), so the truth is known. Intervals that are too
// narrow, as a warm-up that is cut too short or dependence between batches makes them, show at
// once.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/study.hpp"
#include "headgate/core/exit_code.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/experiment.hpp"

namespace headgate::study {
namespace {

struct Options {
  std::size_t seeds = 1000;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::string out;
  bool tiny = false;
};

/// How the interval comes about, and at which load.
struct Case {
  double load;
  std::uint32_t replications;  ///< 1: one long run in sections
  std::uint64_t jobs;          ///< of each
};

struct Row {
  Case of;
  std::string figure;
  double low;  ///< of the goal, a share
  double high;
  std::size_t covered = 0;
  std::size_t seeds = 0;
  double half_width = 0;  ///< mean over the seeds, of the truth

  [[nodiscard]] double coverage() const {
    return static_cast<double>(covered) / static_cast<double>(seeds);
  }
  [[nodiscard]] bool holds() const { return coverage() >= low && coverage() <= high; }
};

std::vector<Case> cases(bool tiny) {
  if (tiny) return {{0.8, 10, 3000}, {0.8, 1, 30'000}};
  return {{0.8, 10, 32'000}, {0.8, 1, 320'000}, {0.9, 10, 120'000}, {0.9, 1, 1'200'000}};
}

config::Scenario scenario_of(const Case& of) {
  const std::string text = fmt::format(
      "arrivals: {{poisson: 1/s}}\nservices: {{server: {{time: {{exponential: 10ms}}}}}}\n"
      "sweep: {{load: [{}]}}\nrun: {{jobs: {}, replications: {}}}\n",
      of.load, of.jobs, of.replications);
  auto loaded = config::load_scenario_text(text, "coverage.yaml");
  if (!loaded.ok()) throw std::runtime_error(config::to_text(loaded.diagnostics.front()));
  return std::move(loaded.value);
}

using Estimates = std::vector<stats::Estimate>;  // by figure

Estimates run_once(config::Scenario scenario, std::uint64_t seed,
                   const std::vector<std::string>& figures) {
  for (config::ScenarioPoint& point : scenario.points) point.scenario.run.seed = seed;
  const auto results = sim::run_experiment(scenario, {.threads = 1});
  if (!results) throw std::runtime_error(results.error().why);
  Estimates estimates;
  for (const std::string& figure : figures) {
    estimates.push_back(results->points.front().estimate(figure).value());
  }
  return estimates;
}

std::vector<Row> measure(const Case& of, const Options& options) {
  const std::vector<std::string> figures{"response_time.mean", "response_time.p99"};
  const double mean = 10e6 / (1 - of.load);
  const std::vector<double> truths{mean, std::log(100) * mean};
  std::vector<Estimates> all(options.seeds);
  const config::Scenario scenario = scenario_of(of);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size(); i = next++) {
      all[i] = run_once(scenario, i + 1, figures);
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < options.threads; ++i) others.emplace_back(work);
    work();
  }
  std::vector<Row> rows{{.of = of, .figure = figures[0], .low = 0.93, .high = 0.97},
                        {.of = of, .figure = figures[1], .low = 0.92, .high = 0.98}};
  for (const Estimates& estimates : all) {
    for (std::size_t f = 0; f < rows.size(); ++f) {
      const stats::Estimate& estimate = estimates[f];
      rows[f].covered += estimate.low <= truths[f] && truths[f] <= estimate.high ? 1 : 0;
      rows[f].half_width += sim::half_width(estimate) / truths[f];
      ++rows[f].seeds;
    }
  }
  for (Row& row : rows) row.half_width /= static_cast<double>(row.seeds);
  return rows;
}

std::string method_of(const Case& of) {
  if (of.replications == 1)
    return fmt::format("one run of {}, {} sections", of.jobs, sim::kSections);
  return fmt::format("{} replications of {}", of.replications, of.jobs);
}

std::string table_text(const std::vector<Row>& rows) {
  report::Table table({{"load"},
                       {"method", report::Align::kLeft},
                       {"figure", report::Align::kLeft},
                       {"covered"},
                       {"goal"},
                       {"± on average"},
                       {"holds", report::Align::kLeft}});
  for (const Row& row : rows) {
    table.add({fmt::format("{}", row.of.load), method_of(row.of), row.figure,
               fmt::format("{:.1f}%", row.coverage() * 100),
               fmt::format("{:.0f}-{:.0f}%", row.low * 100, row.high * 100),
               fmt::format("{:.1f}%", row.half_width * 100), row.holds() ? "yes" : "no"});
  }
  return fmt::format("M/M/1, 95 % intervals of {} seeds\n", rows.front().seeds) + table.to_text();
}

report::Json rows_json(const std::vector<Row>& rows) {
  report::Json json = report::Json::array();
  for (const Row& row : rows) {
    json.push_back({{"load", row.of.load},
                    {"replications", row.of.replications},
                    {"jobs", row.of.jobs},
                    {"figure", row.figure},
                    {"seeds", row.seeds},
                    {"covered", row.covered},
                    {"half_width", row.half_width},
                    {"holds", row.holds()}});
  }
  return json;
}

/// Sixty seeds tell gross errors only: of right intervals fewer than 48 cover once in 100 000
/// tries.
bool roughly_holds(const Row& row) { return row.coverage() >= 0.8; }

ExitCode run(const Options& options, const std::vector<std::string>& command) {
  std::vector<Row> rows;
  for (const Case& of : cases(options.tiny)) {
    for (Row& row : measure(of, options)) rows.push_back(std::move(row));
  }
  const std::string text = table_text(rows);
  fmt::print("{}", text);
  leave(options.out, command,
        {{"table.txt", text}, {"data.json", report::to_text(rows_json(rows))}}, {});
  const bool hold = std::ranges::all_of(
      rows, [&](const Row& row) { return options.tiny ? roughly_holds(row) : row.holds(); });
  return hold ? ExitCode::kYes : ExitCode::kNo;
}

int main_of(int argc, char** argv) {
  CLI::App app{"How many of a thousand 95 % intervals hold the truth."};
  Options options;
  app.add_option("--seeds", options.seeds, "Experiments per case")->check(CLI::PositiveNumber);
  app.add_option("--threads", options.threads, "The figures are the same for any number")
      ->check(CLI::Range(1, 1024));
  app.add_option("--out", options.out, "Write table.txt, data.json and manifest.json here");
  app.add_flag("--tiny", options.tiny, "Short runs and few seeds: shows that the study works");
  app.footer(
      "Exit codes: 0 every coverage is as the goal says, 1 one is not.\n\n"
      "Examples:\n  study.coverage --seeds 200\n  study.coverage --out results/coverage");
  CLI11_PARSE(app, argc, argv);
  if (options.tiny) options.seeds = std::min<std::size_t>(options.seeds, 60);
  return static_cast<int>(run(options, {argv, argv + argc}));
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  return headgate::study::ending("coverage", [&] { return headgate::study::main_of(argc, argv); });
}
