// `loadgen schema`: the JSON Schema of the load plan, from the declarations that read it.
#include <cstdio>

#include "commands.hpp"
#include "headgate/config/load_plan.hpp"

namespace headgate::loadgen {

CLI::App* add_schema(CLI::App& app) {
  CLI::App* command = app.add_subcommand("schema", "the JSON Schema of a load plan");
  command->footer("Example:\n  loadgen schema > plan.schema.json");
  return command;
}

ExitCode schema() {
  std::printf("%s\n", config::load_plan_schema().c_str());
  return ExitCode::kYes;
}

}  // namespace headgate::loadgen
