// `loadgen compare A B`: two results side by side, measured or predicted.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "headgate/load/versus.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/json.hpp"

namespace headgate::loadgen {
namespace {

struct CompareArguments {
  std::string first;
  std::string second;
  std::string at;
  std::string json;
};

CompareArguments& compare_arguments() {
  static CompareArguments arguments;
  return arguments;
}

}  // namespace

CLI::App* add_compare(CLI::App& app) {
  CLI::App* command = app.add_subcommand(
      "compare", "put two results side by side: runs, or a run and what `sim run` predicted");
  CompareArguments& set = compare_arguments();
  command->add_option("FIRST", set.first, "a result of `loadgen run` or `sim run`")->required();
  command->add_option("SECOND", set.second, "another; differences are of this against FIRST")
      ->required();
  command->add_option("--at", set.at,
                      "the point of a prediction with several, such as load=0.9,policy=random");
  command->add_option("--json", set.json, "write the comparison here");
  command->footer(
      "It judges nothing: `loadgen gate` says whether a build is slower, `sim compare --within`\n"
      "whether a prediction holds. Exit codes: 0 compared, 2 a file that is no result.\n\n"
      "Examples (after runs of `loadgen run … --json` and `sim run … --json`):\n"
      "  loadgen compare before.json after.json\n"
      "  loadgen compare predicted.json after.json --at load=0.9");
  return command;
}

ExitCode compare() {
  const CompareArguments& arguments = compare_arguments();
  const auto first = load::read_side(arguments.first, arguments.at);
  if (!first) {
    complain(first.error());
    return ExitCode::kUsage;
  }
  const auto second = load::read_side(arguments.second, arguments.at);
  if (!second) {
    complain(second.error());
    return ExitCode::kUsage;
  }
  std::fputs(load::versus_text(*first, *second).c_str(), stdout);
  if (arguments.json.empty()) return ExitCode::kYes;
  const auto written =
      report::write_file(arguments.json, report::to_text(load::versus_json(*first, *second)));
  if (written) return ExitCode::kYes;
  complain(written.error());
  return ExitCode::kUsage;
}

}  // namespace headgate::loadgen
