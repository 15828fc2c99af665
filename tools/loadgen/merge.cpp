// `loadgen merge FILE...`: what several generators have seen, as one run.
#include "headgate/load/merge.hpp"

#include "commands.hpp"
#include "headgate/load/stored.hpp"
#include "outputs.hpp"

namespace headgate::loadgen {
namespace {

struct MergeArguments {
  std::vector<std::string> files;
  Outputs outputs;
};

MergeArguments& merge_arguments() {
  static MergeArguments arguments;
  return arguments;
}

}  // namespace

CLI::App* add_merge(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("merge", "join the runs of generators that worked side by side");
  MergeArguments& set = merge_arguments();
  command->add_option("FILE", set.files, "results of `loadgen run --json`")->required();
  add_options(*command, set.outputs);
  command->footer(
      "Counts are added, histograms exactly; seconds are aligned from the start of each run, and\n"
      "rates are over the longest. Exit codes: those of the whole; 2 if a FILE is no result.\n\n"
      "Examples (after `loadgen run … --json a.json` on one machine and b.json on another):\n"
      "  loadgen merge a.json b.json --json all.json\n"
      "  loadgen merge a.json b.json --html all.html");
  return command;
}

ExitCode merge(const std::vector<std::string>& command) {
  const MergeArguments& arguments = merge_arguments();
  std::vector<load::Summary> parts;
  parts.reserve(arguments.files.size());
  for (const std::string& file : arguments.files) {
    auto part = load::read_result(file);
    if (!part) {
      complain(part.error());
      return ExitCode::kUsage;
    }
    parts.push_back(*std::move(part));
  }
  const auto merged = load::merge(std::move(parts), report::collect_manifest(command));
  if (merged) return show(*merged, arguments.outputs);
  complain(merged.error());
  return ExitCode::kUsage;
}

}  // namespace headgate::loadgen
