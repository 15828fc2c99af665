// `sim schema`: the JSON Schema of a scenario, for editors and other checkers.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "headgate/config/scenario_config.hpp"
#include "sim/commands.hpp"

namespace headgate::sim_tool {

void add_schema(CLI::App& app, Outcome& /*outcome*/) {
  CLI::App* schema = app.add_subcommand("schema", "Print the JSON Schema (draft-07) of a scenario");
  schema->footer("Example:\n  sim schema > scenario.schema.json");
  schema->callback([] { std::puts(config::scenario_schema().c_str()); });
}

}  // namespace headgate::sim_tool
