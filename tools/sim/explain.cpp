// `sim explain FILE`: where the time of the slowest requests went.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "headgate/core/text.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/explanation.hpp"
#include "headgate/sim/replication.hpp"
#include "sim/commands.hpp"
#include "sim/interrupt.hpp"
#include "sim/replay.hpp"
#include "sim/scenario_file.hpp"

namespace headgate::sim_tool {
namespace {

struct ExplainArguments {
  ScenarioArguments scenario;
  std::string at;
  std::string slowest = "1%";
  std::string json;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
};

using Words = std::map<std::string, std::string>;

// DIMENSION=WORD, separated by commas.
Result<Words> parse_at(std::string_view text) {
  Words words;
  while (!text.empty()) {
    const std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
    const std::size_t equals = entry.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return failed(
          Errc::kInvalidArgument, "--at",
          fmt::format("takes DIMENSION=VALUE, as in --at load=0.9,policy=random, not '{}'", entry));
    }
    words.emplace(entry.substr(0, equals), entry.substr(equals + 1));
  }
  return words;
}

// By text or, if both are numbers, by value, as `at` in an expectation.
bool is_same(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto x = parse_number(a);
  const auto y = parse_number(b);
  return x && y && *x == *y;
}

bool lies_at(const config::ScenarioPoint& point, const Words& words) {
  return std::ranges::all_of(words, [&point](const auto& wanted) {
    return std::ranges::any_of(point.at, [&wanted](const auto& entry) {
      return entry.first == wanted.first && is_same(entry.second, wanted.second);
    });
  });
}

std::string points_text(const config::Scenario& scenario) {
  if (scenario.sweep.empty()) return "nothing is swept";
  std::string text = "its points are ";
  for (std::size_t i = 0; i < scenario.points.size(); ++i) {
    if (i > 0) text += "; ";
    bool first = true;
    for (const auto& [name, word] : scenario.points[i].at) {
      text += fmt::format("{}{}={}", first ? "" : ",", name, word);
      first = false;
    }
  }
  return text;
}

// Leaves the points that are to be explained, each with one replication.
Result<void> narrow(config::Scenario& scenario, const Words& words) {
  const std::string all = points_text(scenario);
  std::erase_if(scenario.points, [&words](const auto& point) { return !lies_at(point, words); });
  if (scenario.points.empty()) {
    return failed(Errc::kInvalidArgument, "--at", "no point of the scenario is there: " + all);
  }
  for (config::ScenarioPoint& point : scenario.points) {
    point.scenario.run.replications = 1;
    point.scenario.run.precision.reset();
    point.scenario.expect.clear();
  }
  return {};
}

// The replication of the point once more, with an account of each request; nothing if there is none
// that took time.
std::optional<sim::Explanation> explain_point(const sim::PointResult& point, std::uint64_t run_seed,
                                              Share share) {
  sim::Recording recording(point.plan(), {.journeys = true});
  static_cast<void>(sim::replicate(point.plan(), sim::replication_seed(run_seed, 0),
                                   interrupt_flag(), &recording));
  if (recording.journeys().empty()) return std::nullopt;
  return sim::explain(recording, share);
}

Result<void> explain_all(const sim::Results& results, Share share,
                         const ExplainArguments& arguments) {
  report::Json document{
      {"format", "headgate.explain/1"}, {"seed", results.seed}, {"slowest_share", share.of_one}};
  document["points"] = report::Json::array();
  for (const sim::PointResult& point : results.points) {
    const auto explanation = explain_point(point, results.seed, share);
    if (is_interrupted()) break;
    if (!explanation) {
      return failed(Errc::kInvalidArgument, arguments.scenario.file,
                    "no measured request was answered or timed out: there is nothing to explain");
    }
    fmt::print("{}",
               sim::explanation_text(*explanation, point, report::colour_wanted(STDOUT_FILENO)));
    document["points"].push_back(sim::explanation_json(*explanation, point));
  }
  if (arguments.json.empty()) return {};
  return report::write_file(arguments.json, report::to_text(document));
}

ExitCode explain(const ExplainArguments& arguments) {
  const auto share = parse_share(arguments.slowest);
  if (!share || share->of_one <= 0 || share->of_one >= 1) {
    fmt::print(stderr,
               "sim: --slowest takes a share between 0 and 1, as in --slowest 1%, not '{}'\n",
               arguments.slowest);
    return ExitCode::kUsage;
  }
  auto scenario = load_scenario(arguments.scenario);
  if (!scenario) return ExitCode::kUsage;
  const auto words = parse_at(arguments.at);
  if (!words) return refuse(words.error());
  if (const auto narrowed = narrow(*scenario, *words); !narrowed) return refuse(narrowed.error());
  note_interrupts();
  const auto results = sim::run_experiment(
      *scenario, {.threads = arguments.threads, .stop = &interrupt_flag(), .progress = {}});
  if (!results) {
    complain(*scenario, results.error());
    return ExitCode::kUsage;
  }
  if (const auto done = explain_all(*results, *share, arguments); !done) {
    return refuse(done.error());
  }
  return is_interrupted() ? ExitCode::kInconclusive : ExitCode::kYes;
}

}  // namespace

void add_explain(CLI::App& app, Outcome& outcome) {
  CLI::App* command =
      app.add_subcommand("explain", "Say where the time of the slowest requests went");
  auto arguments = std::make_shared<ExplainArguments>();
  command->add_option("FILE", arguments->scenario.file, "The scenario, YAML or JSON")->required();
  command->add_option("--at", arguments->at,
                      "DIMENSION=VALUE,…: explain these points of the sweep only");
  command->add_option("--slowest", arguments->slowest,
                      "Which share of the requests is slow (default: 1%)");
  command->add_option("--json", arguments->json, "Write the account here, by target");
  add_settings(*command, arguments->scenario);
  command
      ->add_option("--threads", arguments->threads,
                   "Threads for replications; the answer is the same for any number")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "One replication of each point is made; each nanosecond of a response time belongs to one\n"
      "stage, so the stages add up.\n\n"
      "Examples:\n"
      "  sim explain scenarios/mm1.yaml --at load=0.9\n"
      "  sim explain scenarios/balancers.yaml --at load=0.9,policy=random --slowest 0.1%\n"
      "  sim explain scenarios/retries.yaml --json why.json");
  command->callback([arguments, &outcome] { outcome.code = explain(*arguments); });
}

}  // namespace headgate::sim_tool
