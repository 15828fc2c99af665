// `sim schema`: the JSON Schema of a scenario, and of a policy alone, for editors and other
// checkers.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "headgate/config/policy_document.hpp"
#include "headgate/config/scenario_config.hpp"
#include "sim/commands.hpp"

namespace headgate::sim_tool {

void add_schema(CLI::App& app, Outcome& /*outcome*/) {
  CLI::App* schema = app.add_subcommand(
      "schema", "Print the JSON Schema (draft-07) of a scenario, or of a policy");
  CLI::App* policy = schema->add_subcommand("policy", "What sim admit and sim pick read");
  schema->footer(
      "Examples:\n"
      "  sim schema > scenario.schema.json\n"
      "  sim schema policy > policy.schema.json");
  schema->callback([policy] {
    const bool of_policy = policy->parsed();
    std::puts((of_policy ? config::policy_schema() : config::scenario_schema()).c_str());
  });
}

}  // namespace headgate::sim_tool
