// `loadgen agent`: runs slices of other machines' plans.
#include "headgate/load/fleet/agent.hpp"

#include <csignal>
#include <cstdio>
#include <filesystem>

#include "commands.hpp"
#include "signals.hpp"

namespace headgate::loadgen {
namespace {

struct AgentFlags {
  std::string join;
  std::string name;
  bool once = false;
};

AgentFlags& agent_flags() {
  static AgentFlags flags;
  return flags;
}

}  // namespace

CLI::App* add_agent(CLI::App& app) {
  CLI::App* command = app.add_subcommand("agent", "run slices of what `loadgen run --agents` asks");
  command->add_option("--join", agent_flags().join, "bus: tcp:HOST:PORT or kafka:HOST:PORT[/TOPIC]")
      ->required();
  command->add_option("--name", agent_flags().name, "unlike all others' (default: HOST-PID)");
  command->add_flag("--once", agent_flags().once, "end after one run");
  command->footer(
      "It waits on the bus until a coordinator calls, also one that is not there yet, and runs "
      "what\n"
      "it is told: join only a bus that you trust. Files that a plan names must be on each "
      "machine.\n\n"
      "Examples (each on a machine of its own, beside `loadgen serve`):\n"
      "  loadgen agent --join tcp:127.0.0.1:7070 --once\n"
      "  loadgen agent --join kafka:127.0.0.1:9092 --name east\n"
      "  loadgen run --agents 1 --join tcp:127.0.0.1:7070 --url http://127.0.0.1:9001/ -c 8 -d 2s");
  return command;
}

ExitCode agent() {
  const AgentFlags& flags = agent_flags();
  auto link = load::fleet::join(flags.join, load::fleet::Role::kAgent);
  if (!link) {
    complain(link.error());
    return link.error().code == Errc::kInvalidArgument ? ExitCode::kUsage : ExitCode::kUnreachable;
  }
  catch_signals();
  std::signal(SIGPIPE, SIG_IGN);  // of a slice that has ended
  const auto served = load::fleet::serve(
      **link,
      {.name = flags.name,
       .program = std::filesystem::read_symlink("/proc/self/exe").string(),
       .once = flags.once},
      interrupted, [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); });
  if (served) return ExitCode::kYes;
  complain(served.error());
  return ExitCode::kUnreachable;
}

}  // namespace headgate::loadgen
