// `gwctl schema config`: the JSON Schema of the gateway config, for editors and other checkers.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "gwctl/commands.hpp"
#include "headgate/config/gateway_config.hpp"

namespace headgate::gwctl {

void add_schema(CLI::App& app, Outcome& /*outcome*/) {
  CLI::App* schema = app.add_subcommand("schema", "Print the JSON Schema (draft-07) of a document");
  schema->require_subcommand(1);
  schema->footer("Example:\n  gwctl schema config > gateway.schema.json");
  schema->add_subcommand("config", "The gateway config")->callback([] {
    std::puts(config::gateway_schema().c_str());
  });
}

}  // namespace headgate::gwctl
