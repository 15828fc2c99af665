// The subcommands of sim: one file each, one line here each, one line in main.cpp each. A
// subcommand declares its arguments and, if it was the one chosen, sets the outcome in its
// callback.
#pragma once

#include <string>
#include <vector>

#include "headgate/core/exit_code.hpp"

namespace CLI {
class App;
}

namespace headgate::sim_tool {

struct Outcome {
  ExitCode code = ExitCode::kYes;
  std::vector<std::string> command;  ///< as typed, for manifests
};

void add_run(CLI::App& app, Outcome& outcome);
void add_capacity(CLI::App& app, Outcome& outcome);
void add_merge(CLI::App& app, Outcome& outcome);
void add_check(CLI::App& app, Outcome& outcome);
void add_list(CLI::App& app, Outcome& outcome);
void add_new(CLI::App& app, Outcome& outcome);
void add_compare(CLI::App& app, Outcome& outcome);
void add_explain(CLI::App& app, Outcome& outcome);
void add_schema(CLI::App& app, Outcome& outcome);
void add_policies(CLI::App& app, Outcome& outcome);
void add_admit(CLI::App& app, Outcome& outcome);
void add_pick(CLI::App& app, Outcome& outcome);
void add_theory(CLI::App& app, Outcome& outcome);

}  // namespace headgate::sim_tool
