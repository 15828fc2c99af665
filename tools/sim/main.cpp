// sim: asks a scenario what a gateway config would do, on virtual time.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "sim/commands.hpp"

using headgate::ExitCode;

namespace {

int dispatch(int argc, char** argv) {
  CLI::App app{"Simulates gateway configs with the gateway's own policy code."};
  app.set_version_flag("--version", "sim " HG_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 as expected, 1 an expectation failed, 2 usage or unreadable input,\n"
      "3 inconclusive: an interval is too wide to say.\n\n"
      "Examples:\n"
      "  sim run scenarios/mm1.yaml\n"
      "  sim run scenarios/balancers.yaml --json balancers.json --threads 2\n"
      "  sim schema > scenario.schema.json\n"
      "  sim run --help");
  headgate::sim_tool::Outcome outcome;
  outcome.command.assign(argv, argv + argc);
  headgate::sim_tool::add_run(app, outcome);
  headgate::sim_tool::add_capacity(app, outcome);
  headgate::sim_tool::add_merge(app, outcome);
  headgate::sim_tool::add_check(app, outcome);
  headgate::sim_tool::add_list(app, outcome);
  headgate::sim_tool::add_new(app, outcome);
  headgate::sim_tool::add_compare(app, outcome);
  headgate::sim_tool::add_explain(app, outcome);
  headgate::sim_tool::add_schema(app, outcome);
  headgate::sim_tool::add_policies(app, outcome);
  headgate::sim_tool::add_admit(app, outcome);
  headgate::sim_tool::add_pick(app, outcome);
  headgate::sim_tool::add_theory(app, outcome);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 prints help, version or the mistake; only the last is a failure.
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  return static_cast<int>(outcome.code);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sim: %s\n", error.what());
    return static_cast<int>(ExitCode::kUsage);
  }
}
