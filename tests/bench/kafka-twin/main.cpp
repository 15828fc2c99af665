// The study `kafka-twin`: does the simulator foretell a Kafka pipeline? It is run once at a low
// load, from which the model's parameters are taken (librdkafka's statistics, the overhead of a
// sleeping consumer), and then at loads that it was not fitted to; the model's figures stand beside
// what was measured.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <atomic>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "common/study.hpp"
#include "headgate/config/scenario_config.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/replication.hpp"
#include "pipeline.hpp"
#include "support/kafka_broker.hpp"

namespace headgate::study {
namespace {

constexpr std::uint32_t kPartitions = 2;
constexpr Duration kWork = std::chrono::milliseconds{5};
constexpr Duration kLinger = std::chrono::milliseconds{5};
constexpr double kFitLoad = 0.2;
constexpr std::array kLoads{0.5, 0.8};
constexpr double kGoal = 0.2;

struct Options {
  std::string out;
  std::uint64_t seed = 1;
  int seconds = 25;
  bool tiny = false;
};

/// What the model is told of this machine.
struct Fit {
  double linger_us = 0;
  double network_us = 0;  // one way, mean; the broker's work is in it
  double process_us = 0;  // mean
};

struct Line {
  double load = 0;
  std::string what;
  double real = 0;
  double model = 0;

  [[nodiscard]] double error() const { return model / real - 1; }
};

PipelineOptions at_load(const Options& options, const std::string& bootstrap, double load,
                        std::size_t number) {
  const double per_s = load * kPartitions * 1e9 / static_cast<double>(kWork.count());
  const Duration length = options.tiny ? Duration{std::chrono::seconds{4}}
                                       : Duration{std::chrono::seconds{options.seconds}};
  return {.bootstrap = bootstrap,
          .topic = "requests-" + std::to_string(number),
          .partitions = kPartitions,
          .rate = make_rate(static_cast<std::int64_t>(per_s), std::chrono::seconds{1}),
          .work_mean = kWork,
          .linger = kLinger,
          .settle = std::chrono::seconds{2},
          .length = length,
          .seed = options.seed + number};
}

/// A record waits on average for T (1 + a / 2) / (1 + a) with a = lambda T: T for the first of a
/// batch, half of that for each of the a that come meanwhile. What librdkafka's queue takes longer
/// than that is its linger's overrun.
Fit fit_of(const PipelineOptions& run, const PipelineResult& real) {
  const double linger_us = static_cast<double>(kLinger.count()) / 1e3;
  const double more = run.rate.per_second() / kPartitions * linger_us / 1e6;
  const double wait_us = linger_us * (1 + more / 2) / (1 + more);
  const ClientStatistics& said = real.statistics;
  return {.linger_us = linger_us + std::max(0.0, said.queued_us - wait_us),
          .network_us = (said.sending_us + said.round_trip_us) / 2,
          .process_us = static_cast<double>(kWork.count()) / 1e3 + real.overhead_us};
}

std::string scenario_of(const PipelineOptions& run, const Fit& fit) {
  return fmt::format(
      "arrivals: {{poisson: {:.0f}/s}}\n"
      "publish: {}\n"
      "broker:\n"
      "  topics:\n"
      "    {}:\n"
      "      partitions: {}\n"
      "      consumers: {}\n"
      "      linger: {:.0f}us\n"
      "      network: {{exponential: {:.0f}us}}\n"
      "      process: {{exponential: {:.0f}us}}\n"
      "run: {{duration: {}s, warmup: {}s, replications: 10}}\n",
      run.rate.per_second(), run.topic, run.topic, run.partitions, run.partitions, fit.linger_us,
      fit.network_us, fit.process_us, run.length / std::chrono::seconds{1},
      run.settle / std::chrono::seconds{1});
}

sim::Outcome simulate(const std::string& scenario, std::uint64_t seed) {
  const auto loaded = config::load_scenario_text(scenario, "kafka-twin");
  if (!loaded.ok()) throw std::runtime_error("the scenario is wrong:\n" + scenario);
  const auto plan = sim::make_plan(loaded.value.base());
  if (!plan) throw std::runtime_error(plan.error().why);
  const std::atomic<bool> never{false};
  return sim::replicate(*plan, seed, never);
}

void compare(double load, const PipelineResult& real, const sim::Outcome& model,
             std::vector<Line>& lines) {
  const sim::TopicOutcome& topic = model.topics.front();
  const auto per_s = [](std::uint64_t count, Duration over) {
    return static_cast<double>(count) * 1e9 / static_cast<double>(over.count());
  };
  lines.push_back({load, "throughput", per_s(real.processed, real.measured),
                   per_s(topic.processed, model.length)});
  const auto ms = [](const stats::Histogram& histogram, double q) {
    return static_cast<double>(histogram.quantile(q).count()) / 1e6;
  };
  lines.push_back({load, "age.p50", ms(real.age, 0.5), ms(topic.age, 0.5)});
  lines.push_back({load, "age.p95", ms(real.age, 0.95), ms(topic.age, 0.95)});
  lines.push_back({load, "age.mean", real.age.mean_ns() / 1e6, topic.age.mean_ns() / 1e6});
  lines.push_back({load, "produce_time.mean", real.produce_time.mean_ns() / 1e6,
                   topic.produce_time.mean_ns() / 1e6});
}

std::string table_of(const std::vector<Line>& lines, const Fit& fit) {
  report::Table table({{.title = "load"},
                       {.title = "", .align = report::Align::kLeft},
                       {.title = "Kafka"},
                       {.title = "model"},
                       {.title = "error"}});
  for (const Line& line : lines) {
    const char* unit = line.what == "throughput" ? "/s" : "ms";
    table.add({fmt::format("{:.0f}%", line.load * 100), line.what,
               fmt::format("{:.2f}{}", line.real, unit), fmt::format("{:.2f}{}", line.model, unit),
               fmt::format("{:+.1f}%", line.error() * 100)});
  }
  return fmt::format(
      "Fitted at {:.0f}% load: linger {:.2f}ms, network {:.0f}us one way, "
      "processing {:.2f}ms\n\n{}",
      kFitLoad * 100, fit.linger_us / 1e3, fit.network_us, fit.process_us / 1e3, table.to_text());
}

report::Json json_of(const std::vector<Line>& lines, const Fit& fit) {
  report::Json json;
  json["format"] = "headgate.kafka_twin/1";
  json["fit"] = {{"load", kFitLoad},
                 {"linger_us", fit.linger_us},
                 {"network_us", fit.network_us},
                 {"process_us", fit.process_us}};
  json["points"] = report::Json::array();
  for (const Line& line : lines) {
    json["points"].push_back({{"load", line.load},
                              {"figure", line.what},
                              {"kafka", line.real},
                              {"model", line.model},
                              {"error", line.error()}});
  }
  return json;
}

int study(const Options& options, const std::vector<std::string>& command) {
  const test::KafkaBroker broker;
  // A JVM that has just started is slow: what it does first is not looked at.
  static_cast<void>(run_pipeline(at_load(options, broker.bootstrap(), kLoads.back(), 0)));
  const PipelineOptions low = at_load(options, broker.bootstrap(), kFitLoad, 1);
  const Fit fit = fit_of(low, run_pipeline(low));
  std::vector<Line> lines;
  for (std::size_t i = 0; i < kLoads.size(); ++i) {
    const PipelineOptions run = at_load(options, broker.bootstrap(), kLoads[i], 2 + i);
    compare(kLoads[i], run_pipeline(run), simulate(scenario_of(run, fit), run.seed), lines);
  }
  const std::string table = table_of(lines, fit);
  std::fputs(table.c_str(), stdout);
  bool holds = true;
  for (const Line& line : lines) holds = holds && std::abs(line.error()) <= kGoal;
  std::printf("\n%s\n", holds ? "every error is within 20%" : "not every error is within 20%");
  leave(
      options.out, command,
      {{"data.json", report::to_text(json_of(lines, fit))},
       {"table.txt", table},
       {"scenario.yaml", scenario_of(at_load(options, broker.bootstrap(), kLoads.back(), 3), fit)}},
      {{"seed", options.seed}, {"kafka", "tests/support/kafka/pom.xml"}});
  if (options.out.empty()) return 0;
  return holds ? 0 : 1;
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  headgate::study::Options options;
  CLI::App app{"A pipeline on a real Kafka beside the simulator's forecast of it"};
  app.add_option("--seconds", options.seconds, "length of each of the four runs")
      ->check(CLI::Range(5, 600))
      ->capture_default_str();
  app.add_option("--seed", options.seed, "of arrivals and work")->capture_default_str();
  app.add_option("--out", options.out, "folder for manifest.json, data.json and table.txt");
  app.add_flag("--tiny", options.tiny, "4 s each: shows that it works, judges nothing");
  CLI11_PARSE(app, argc, argv);
  return headgate::study::ending(
      "kafka-twin", [&] { return headgate::study::study(options, {argv, argv + argc}); });
}
