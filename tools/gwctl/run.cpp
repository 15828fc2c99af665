// `gwctl run CONFIG`: the gateway itself.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "gwctl/commands.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/gateway/control.hpp"

namespace headgate::gwctl {
namespace {

/// Nothing but the ready line goes to stdout: who started us reads it.
void print_ready(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

ExitCode exit_code_of(const Error& error) {
  return error.code == Errc::kUnavailable ? ExitCode::kUnreachable : ExitCode::kUsage;
}

ExitCode run_gateway(const std::string& file) {
  config::Loaded<config::GatewayConfig> loaded = config::load_gateway_file(file);
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    std::fprintf(stderr, "%s\n", to_text(diagnostic).c_str());
  }
  if (!loaded.readable) return ExitCode::kUsage;
  if (!loaded.ok()) return ExitCode::kNo;
  const Result<void> ended = gateway::run(std::move(loaded.value), print_ready);
  if (ended) return ExitCode::kYes;
  std::fprintf(stderr, "gwctl: %s: %s\n", ended.error().where.c_str(), ended.error().why.c_str());
  return exit_code_of(ended.error());
}

}  // namespace

void add_run(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand("run", "Run a gateway until SIGTERM or SIGINT");
  auto file = std::make_shared<std::string>();
  command->add_option("CONFIG", *file, "YAML or JSON, as `gwctl lint` likes it")->required();
  command->footer(
      "Prints one line, `ready NAME=ADDRESS …`, when every listener accepts. The first SIGTERM or\n"
      "SIGINT lets the requests at work end, a second one ends at once.\n"
      "Exit codes: 0 ended as asked, 1 the config has errors, 2 it is unreadable or a file or "
      "store\n"
      "cannot be opened, 5 a port is in use or a store does not answer.\n\n"
      "Examples:\n  gwctl run gateway.yaml\n  curl http://127.0.0.1:9901/metrics");
  command->callback([file, &outcome] { outcome.code = run_gateway(*file); });
}

}  // namespace headgate::gwctl
