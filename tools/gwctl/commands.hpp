// The subcommands of gwctl: one file each, one line here each, one line in main.cpp each. A
// subcommand declares its arguments and, if it was the one chosen, sets the outcome in its
// callback.
#pragma once

#include "headgate/core/exit_code.hpp"

namespace CLI {
class App;
}

namespace headgate::gwctl {

struct Outcome {
  ExitCode code = ExitCode::kYes;
};

void add_lint(CLI::App& app, Outcome& outcome);
void add_run(CLI::App& app, Outcome& outcome);
void add_schema(CLI::App& app, Outcome& outcome);
void add_topic(CLI::App& app, Outcome& outcome);

}  // namespace headgate::gwctl
