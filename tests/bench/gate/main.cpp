// The study `gate`: how often does the gate cry wolf, and how often does it miss one?
//
// Two servers of one build are measured in turn, slice by slice, and the slices are kept. Gates are
// then run on stretches of these slices, neighbours staying neighbours, with fresh coins for who is
// A and who is B: every alarm is a false one. The same with one side made worse by a known factor
// counts what is found. Beside it stand rules in common use, on the very same slices. Last come
// live trials, with servers that are alike or not, quiet and with a neighbour that keeps the other
// core busy at random.
//
// An effect is found when it is surely greater than what is allowed, so half of it is allowed here:
// 2.5 % to find 5 % on p50, 5 % to find 10 % on p99.
#include <fmt/format.h>
#include <sched.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "common/study.hpp"
#include "gate/naive.hpp"
#include "headgate/arrival/catalog.hpp"
#include "headgate/core/exit_code.hpp"
#include "headgate/load/summary.hpp"
#include "headgate/load/trial.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "support/process.hpp"

namespace headgate::study {
namespace {

using namespace std::chrono_literals;
using stats::GateVerdict;

constexpr const char* kSame = "lognormal:p50=2ms,p99=4ms";
constexpr const char* kSlower = "lognormal:p50=2.1ms,p99=4.2ms";  // all of it by 5 %
constexpr const char* kTailed = "lognormal:p50=2ms,p99=4.4ms";    // p99 by 10 %

struct Options {
  std::size_t slices = 240;       ///< recorded
  std::size_t gates = 300;        ///< on recorded slices
  std::size_t live = 40;          ///< A/A, quiet; a quarter of it with a neighbour
  std::size_t live_effects = 10;  ///< of each kind
  Duration slice = 200ms;
  Duration slice_live = 100ms;
  Duration time_live = 8s;     ///< of like servers
  Duration time_effect = 75s;  ///< at most, where there is an effect to find
  std::string out;
  bool tiny = false;
};

/// A neighbour that takes all of the last core for 0.2 to 2 s, and leaves it for as long.
class Neighbour {
 public:
  Neighbour() : thread_{[this](const std::stop_token& stop) { run(stop); }} {}

 private:
  static void run(const std::stop_token& stop) {
    cpu_set_t last;
    CPU_ZERO(&last);
    CPU_SET(std::max(1U, std::thread::hardware_concurrency()) - 1, &last);
    sched_setaffinity(0, sizeof last, &last);
    Random random{17};
    while (!stop.stop_requested()) {
      const auto spell = std::chrono::milliseconds{200 + random.below(1800)};
      const auto end = std::chrono::steady_clock::now() + spell;
      while (std::chrono::steady_clock::now() < end && !stop.stop_requested()) {
      }
      for (auto left = std::chrono::milliseconds{200 + random.below(1800)};
           left.count() > 0 && !stop.stop_requested(); left -= 50ms) {
        std::this_thread::sleep_for(50ms);
      }
    }
  }
  std::jthread thread_;
};

struct Server {
  Server(const std::string& time, int seed)
      : process({test::command("loadgen"), "serve", "--bind", "127.0.0.1:0", "--workers", "256",
                 "--time", time, "--seed", std::to_string(seed)}),
        url("http://" + process.ready("http") + "/") {}
  [[nodiscard]] config::LoadTarget target() const { return config::parse_target(url).value(); }

  test::Process process;
  std::string url;
};

config::LoadPlan plan_of(std::uint64_t seed) {
  config::LoadPlan plan;
  plan.requests.emplace_back();
  plan.connections = 64;
  plan.seed = seed;
  plan.arrivals = arrival::make_arrivals("poisson", Rate{4000, 1s}).value();
  return plan;
}

std::vector<stats::GateMetric> metrics_allowing(double p50, double p99) {
  std::vector<stats::GateMetric> metrics{stats::find_gate_metric("p50").value(),
                                         stats::find_gate_metric("p99").value()};
  metrics[0].least_effect = p50;
  metrics[1].least_effect = p99;
  return metrics;
}

struct Recorded {
  double p50;
  double p99;
  stats::Histogram latencies;
};

/// Slices of two like servers in turn.
std::vector<Recorded> record(const Options& options) {
  const Server a{kSame, 1};
  const Server b{kSame, 2};
  std::vector<Recorded> all;
  for (std::size_t i = 0; i < options.slices; ++i) {
    config::LoadPlan plan = plan_of(100 + i / 2);
    plan.targets = {i % 4 == 0 || i % 4 == 3 ? a.target() : b.target()};
    plan.duration = options.slice;
    auto run = load::Run::start(load::Job::prepare(plan).value());
    if (!run) throw std::runtime_error(run.error().why);
    const load::Measured measured = (*run)->finish();
    all.push_back({load::metric_of(measured, "response_time.p50").value(),
                   load::metric_of(measured, "response_time.p99").value(),
                   measured.tally.response_time});
  }
  return all;
}

/// What the rules said of one stretch.
struct Said {
  GateVerdict gate = GateVerdict::kInconclusive;
  bool ratio = false;     ///< one slice of each: p50 5 % or p99 10 % up
  bool requests = false;  ///< Mann-Whitney over the requests of one slice each, 1 %
  bool slices = false;    ///< Mann-Whitney over all slices' p50, unpaired, 1 %
};

Said judge(const std::vector<Recorded>& slices, std::vector<stats::GateMetric> metrics, double p50,
           double p99, Random& random) {
  constexpr std::size_t kPairs = 90;   // of four slices: 72 s
  constexpr std::size_t kStretch = 8;  // pairs that stay neighbours
  stats::Gate gate{std::move(metrics), {.most = kPairs}};
  Said said;
  std::vector<double> all_a;
  std::vector<double> all_b;
  std::size_t at = 0;
  for (std::size_t pair = 0; pair < kPairs; ++pair, at += 4) {
    if (pair % kStretch == 0) at = random.below(slices.size());
    const bool abba = random.uniform() < 0.5;
    const auto slice = [&](std::size_t i) -> const Recorded& {
      return slices[(at + i) % slices.size()];
    };
    const Recorded& a1 = slice(abba ? 0 : 1);
    const Recorded& a2 = slice(abba ? 3 : 2);
    const Recorded& b1 = slice(abba ? 1 : 0);
    const Recorded& b2 = slice(abba ? 2 : 3);
    all_a.insert(all_a.end(), {a1.p50, a2.p50});
    all_b.insert(all_b.end(), {b1.p50 * p50, b2.p50 * p50});
    if (pair == 0) {
      said.ratio = b1.p50 * p50 / a1.p50 > 1.05 || b1.p99 * p99 / a1.p99 > 1.10;
      said.requests = mann_whitney_p(a1.latencies, b1.latencies) < 0.01;
    }
    if (gate.done()) continue;
    gate.add({std::sqrt(a1.p50 * a2.p50), std::sqrt(a1.p99 * a2.p99)},
             {std::sqrt(b1.p50 * b2.p50) * p50, std::sqrt(b1.p99 * b2.p99) * p99});
    if (gate.look_due()) gate.look();
  }
  said.gate = stats::overall(gate.findings());
  said.slices = mann_whitney_p(all_a, all_b) < 0.01;
  return said;
}

struct Row {
  std::string what;
  std::string rule;
  std::size_t alarms = 0;
  std::size_t of = 0;
  std::optional<double> most = {};   ///< the goal for false alarms
  std::optional<double> least = {};  ///< the goal for what must be found
  double seconds = 0;                ///< of live trials, on average

  [[nodiscard]] double share() const {
    return of == 0 ? 0 : static_cast<double>(alarms) / static_cast<double>(of);
  }
  [[nodiscard]] bool holds() const {
    return (!most || share() <= *most) && (!least || share() >= *least);
  }
};

std::vector<Row> on_recorded(const std::vector<Recorded>& slices, const Options& options) {
  Random random{5};
  Row alarms{.what = "A/A, recorded", .rule = "gate, nothing allowed", .most = 0.016};
  Row allowing{.what = "A/A, recorded", .rule = "gate, 5 % and 10 % allowed", .most = 0.016};
  Row ratio{.what = "A/A, recorded", .rule = "one slice each, ratio over 5 % or 10 %"};
  Row requests{.what = "A/A, recorded", .rule = "Mann-Whitney over requests, p < 1 %"};
  Row unpaired{.what = "A/A, recorded", .rule = "Mann-Whitney over slices, p < 1 %"};
  Row p50{.what = "+5 % on p50, recorded", .rule = "gate, 2.5 % allowed", .least = 0.95};
  Row p50_ratio{.what = "+5 % on p50, recorded", .rule = ratio.rule};
  Row p50_unpaired{.what = "+5 % on p50, recorded", .rule = unpaired.rule};
  Row p99{.what = "+10 % on p99, recorded", .rule = "gate, 5 % allowed", .least = 0.90};
  Row p99_ratio{.what = "+10 % on p99, recorded", .rule = ratio.rule};
  for (std::size_t i = 0; i < options.gates; ++i) {
    const Said hard = judge(slices, metrics_allowing(0, 0), 1, 1, random);
    const Said usual = judge(slices, metrics_allowing(0.05, 0.10), 1, 1, random);
    const Said slower = judge(slices, metrics_allowing(0.025, 0.05), 1.05, 1, random);
    const Said tailed = judge(slices, metrics_allowing(0.025, 0.05), 1, 1.10, random);
    const auto count = [](Row& row, bool alarm) {
      ++row.of;
      row.alarms += alarm ? 1 : 0;
    };
    count(alarms, hard.gate == GateVerdict::kRegression);
    count(allowing, usual.gate == GateVerdict::kRegression);
    count(ratio, hard.ratio);
    count(requests, hard.requests);
    count(unpaired, hard.slices);
    count(p50, slower.gate == GateVerdict::kRegression);
    count(p50_ratio, slower.ratio);
    count(p50_unpaired, slower.slices);
    count(p99, tailed.gate == GateVerdict::kRegression);
    count(p99_ratio, tailed.ratio);
  }
  return {alarms, allowing,  ratio,        requests, unpaired,
          p50,    p50_ratio, p50_unpaired, p99,      p99_ratio};
}

/// `count` live trials of a server that takes `time` against one that takes kSame.
Row live(Row row, const std::string& time, double allowed_p50, double allowed_p99,
         std::size_t count, const Options& options) {
  const Server a{kSame, 1};
  const Server b{time, 2};
  for (std::size_t i = 0; i < count; ++i) {
    load::TrialOptions trial;
    trial.plan = plan_of(1000 + i);
    trial.a = a.target();
    trial.b = b.target();
    trial.question = {.metrics = metrics_allowing(allowed_p50, allowed_p99)};
    trial.slice = options.slice_live;
    trial.warmup = 50ms;
    trial.time_max = row.least ? options.time_effect : options.time_live;
    const auto begin = std::chrono::steady_clock::now();
    const auto done = load::run_trial(trial, [](const load::TrialProgress&) { return true; });
    if (!done) throw std::runtime_error(done.error().why);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    row.seconds += took.count() / static_cast<double>(count);
    ++row.of;
    row.alarms += stats::overall(done->findings) == GateVerdict::kRegression ? 1 : 0;
  }
  return row;
}

std::vector<Row> measure(const Options& options) {
  std::vector<Row> rows = on_recorded(record(options), options);
  rows.push_back(live({.what = "A/A, live", .rule = "gate, 5 % and 10 % allowed", .most = 0.016},
                      kSame, 0.05, 0.10, options.live, options));
  rows.push_back(live({.what = "+5 % on p50, live", .rule = "gate, 2.5 % allowed", .least = 0.95},
                      kSlower, 0.025, 0.05, options.live_effects, options));
  rows.push_back(live({.what = "+10 % on p99, live", .rule = "gate, 5 % allowed", .least = 0.90},
                      kTailed, 0.025, 0.05, options.live_effects, options));
  const Neighbour neighbour;
  rows.push_back(live(
      {.what = "A/A, live, busy neighbour", .rule = "gate, 5 % and 10 % allowed", .most = 0.016},
      kSame, 0.05, 0.10, std::max<std::size_t>(1, options.live / 4), options));
  rows.push_back(live(
      {.what = "+5 % on p50, live, busy neighbour", .rule = "gate, 2.5 % allowed", .least = 0.95},
      kSlower, 0.025, 0.05, options.live_effects, options));
  rows.push_back(live(
      {.what = "+10 % on p99, live, busy neighbour", .rule = "gate, 5 % allowed", .least = 0.90},
      kTailed, 0.025, 0.05, options.live_effects, options));
  return rows;
}

std::string table_text(const std::vector<Row>& rows) {
  report::Table table({{"what", report::Align::kLeft},
                       {"rule", report::Align::kLeft},
                       {"alarms"},
                       {"of"},
                       {"share"},
                       {"goal"},
                       {"s each"},
                       {"holds", report::Align::kLeft}});
  for (const Row& row : rows) {
    std::string goal;
    if (row.most) goal = fmt::format("<= {:.1f}%", *row.most * 100);
    if (row.least) goal = fmt::format(">= {:.0f}%", *row.least * 100);
    table.add({row.what, row.rule, fmt::format("{}", row.alarms), fmt::format("{}", row.of),
               fmt::format("{:.1f}%", row.share() * 100), goal,
               row.seconds > 0 ? fmt::format("{:.1f}", row.seconds) : "",
               goal.empty()  ? ""
               : row.holds() ? "yes"
                             : "no"});
  }
  return table.to_text();
}

report::Json rows_json(const std::vector<Row>& rows) {
  report::Json json{{"format", "headgate.study.gate/1"}, {"rows", report::Json::array()}};
  for (const Row& row : rows) {
    json["rows"].push_back({{"what", row.what},
                            {"rule", row.rule},
                            {"alarms", row.alarms},
                            {"of", row.of},
                            {"most", row.most ? report::Json(*row.most) : report::Json(nullptr)},
                            {"least", row.least ? report::Json(*row.least) : report::Json(nullptr)},
                            {"seconds", row.seconds}});
  }
  return json;
}

int main_of(int argc, char** argv) {
  CLI::App app{"How often the gate cries wolf, and how often it misses one."};
  Options options;
  app.add_option("--out", options.out, "Write table.txt, data.json and manifest.json here");
  app.add_option("--live", options.live, "Live trials of like servers");
  app.add_flag("--tiny", options.tiny, "Few and short: shows that the study works");
  app.footer("Exit codes: 0 every goal is met, 1 one is not.\n\nExample:\n  study.gate --tiny");
  CLI11_PARSE(app, argc, argv);
  if (options.tiny) {
    options.slices = 24;
    options.gates = 100;
    options.live = options.live_effects = 2;
    options.slice = options.slice_live = 20ms;
    options.time_live = options.time_effect = 3s;
  }
  const std::vector<Row> rows = measure(options);
  const std::string text = table_text(rows);
  fmt::print("{}", text);
  leave(options.out, {argv, argv + argc},
        {{"table.txt", text}, {"data.json", report::to_text(rows_json(rows))}}, {});
  // A tiny one runs on any machine beside anything: that it ran is all it shows.
  const bool hold = std::ranges::all_of(rows, [](const Row& row) { return row.holds(); });
  return static_cast<int>(hold || options.tiny ? ExitCode::kYes : ExitCode::kNo);
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  return headgate::study::ending("gate", [&] { return headgate::study::main_of(argc, argv); });
}
