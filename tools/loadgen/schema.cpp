// `loadgen schema`: the JSON Schema of the load plan, from the declarations that read it.
#include <cstdio>
#include <string>

#include "commands.hpp"
#include "headgate/config/bus_plan.hpp"
#include "headgate/config/load_plan.hpp"

namespace headgate::loadgen {

namespace {

std::string& which() {
  static std::string which = "load";
  return which;
}

}  // namespace

CLI::App* add_schema(CLI::App& app) {
  CLI::App* command = app.add_subcommand("schema", "the JSON Schema of a load plan");
  command->add_option("plan", which(), "load (of `loadgen run`) or bus (of `loadgen bus`)")
      ->check(CLI::IsMember({"load", "bus"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n  loadgen schema > plan.schema.json\n  loadgen schema bus > bus.schema.json");
  return command;
}

ExitCode schema() {
  const bool bus = which() == "bus";
  std::printf("%s\n", (bus ? config::bus_plan_schema() : config::load_plan_schema()).c_str());
  return ExitCode::kYes;
}

}  // namespace headgate::loadgen
