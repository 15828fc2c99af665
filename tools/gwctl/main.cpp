// gwctl: runs a gateway, checks its config, looks into its topics.
#include <CLI/CLI.hpp>
#include <exception>

#include "gwctl/commands.hpp"

using headgate::ExitCode;

namespace {

int dispatch(int argc, char** argv) {
  CLI::App app{"Runs an API gateway, checks its config, looks into its topics."};
  app.set_version_flag("--version", "gwctl " HG_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 yes, 1 the answer is no (findings), 2 usage or unreadable input,\n"
      "5 a target does not answer.\n\n"
      "Examples:\n"
      "  gwctl run gateway.yaml\n"
      "  gwctl lint gateway.yaml\n"
      "  gwctl schema config > gateway.schema.json\n"
      "  gwctl topic tail requests --config gateway.yaml --json\n"
      "  gwctl lint --help");
  headgate::gwctl::Outcome outcome;
  headgate::gwctl::add_lint(app, outcome);
  headgate::gwctl::add_run(app, outcome);
  headgate::gwctl::add_schema(app, outcome);
  headgate::gwctl::add_topic(app, outcome);
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
    std::fprintf(stderr, "gwctl: %s\n", error.what());
    return static_cast<int>(ExitCode::kUsage);
  }
}
