// `sim merge PART...`: the parts that `sim run --shard` wrote, joined to a whole run.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "headgate/report/file.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/results.hpp"
#include "headgate/sim/shard.hpp"
#include "sim/commands.hpp"
#include "sim/outputs.hpp"
#include "sim/scenario_file.hpp"

namespace headgate::sim_tool {
namespace {

struct MergeArguments {
  std::vector<std::string> parts;
  std::string scenario;
  Outputs outputs;
  std::vector<std::string> command;
};

const std::atomic<bool> kNeverStops{false};

Result<std::vector<report::Json>> read_parts(const std::vector<std::string>& files) {
  std::vector<report::Json> parts;
  for (const std::string& file : files) {
    const auto text = report::read_file(file);
    if (!text) return std::unexpected(text.error());
    report::Json part = report::Json::parse(*text, nullptr, false);
    const auto origin = sim::origin_of(part);
    if (!origin) return failed(Errc::kCorrupt, file, origin.error().why);
    parts.push_back(std::move(part));
  }
  return parts;
}

ScenarioArguments scenario_of(const report::Json& part, const std::string& file) {
  const auto origin = sim::origin_of(part);
  ScenarioArguments scenario{.file = file.empty() ? origin->file : file, .set = {}, .seed = {}};
  for (const config::Setting& setting : origin->settings) {
    scenario.set.push_back(setting.path + "=" + setting.value);
  }
  return scenario;
}

ExitCode merge(const MergeArguments& arguments) {
  const auto parts = read_parts(arguments.parts);
  if (!parts) {
    complain(parts.error());
    return ExitCode::kUsage;
  }
  const auto scenario = load_scenario(scenario_of(parts->front(), arguments.scenario));
  if (!scenario) return ExitCode::kUsage;
  const auto results = sim::join_parts(*scenario, *parts);
  if (!results) {
    complain(results.error());
    return ExitCode::kUsage;
  }
  fmt::print("{}", sim::results_text(*results, {.colour = report::colour_wanted(STDOUT_FILENO)}));
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  const auto written = write(*results, arguments.outputs, arguments.command, threads, kNeverStops);
  if (!written) {
    complain(written.error());
    return ExitCode::kUsage;
  }
  return results->exit_code();
}

}  // namespace

void add_merge(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand(
      "merge", "Join the parts of sim run --shard to the very bytes of a whole run");
  auto arguments = std::make_shared<MergeArguments>();
  command->add_option("PART", arguments->parts, "All parts, in any order")->required();
  command->add_option("--scenario", arguments->scenario,
                      "Where the scenario is here, if not where the parts were made");
  add_options(*command, arguments->outputs);
  command->footer(
      "Exit codes: those of the whole run; 2 if a part is missing, is there twice, or is of\n"
      "another scenario.\n\n"
      "Examples:\n"
      "  sim run scenarios/token_bucket.yaml --shard 1/2 --json 1.part\n"
      "  sim run scenarios/token_bucket.yaml --shard 2/2 --json 2.part\n"
      "  sim merge 1.part 2.part --json token_bucket.json\n"
      "  parallel 'sim run scenarios/token_bucket.yaml --shard {}/16 --json {}.part' ::: $(seq "
      "16)");
  command->callback([arguments, &outcome] {
    arguments->command = outcome.command;
    outcome.code = merge(*arguments);
  });
}

}  // namespace headgate::sim_tool
