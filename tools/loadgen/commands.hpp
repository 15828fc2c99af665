// The subcommands of loadgen: each adds itself to the command line and returns its exit code.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "headgate/core/exit_code.hpp"
#include "headgate/core/result.hpp"

namespace headgate::loadgen {

/// Prints `loadgen: WHERE: WHY` to stderr.
void complain(const Error& error);

[[nodiscard]] CLI::App* add_run(CLI::App& app);
/// `command` is the whole command line, for the manifest.
[[nodiscard]] ExitCode run(const std::vector<std::string>& command);

[[nodiscard]] CLI::App* add_serve(CLI::App& app);
[[nodiscard]] ExitCode serve();

[[nodiscard]] CLI::App* add_ab(CLI::App& app);
[[nodiscard]] ExitCode ab(const std::vector<std::string>& command);

[[nodiscard]] CLI::App* add_gate(CLI::App& app);
[[nodiscard]] ExitCode gate(const std::vector<std::string>& command);

[[nodiscard]] CLI::App* add_report(CLI::App& app);
[[nodiscard]] ExitCode report();

[[nodiscard]] CLI::App* add_merge(CLI::App& app);
[[nodiscard]] ExitCode merge(const std::vector<std::string>& command);

[[nodiscard]] CLI::App* add_agent(CLI::App& app);
[[nodiscard]] ExitCode agent();

[[nodiscard]] CLI::App* add_bus(CLI::App& app);
[[nodiscard]] ExitCode bus(const std::vector<std::string>& command);

[[nodiscard]] CLI::App* add_search(CLI::App& app);
[[nodiscard]] ExitCode search(const std::vector<std::string>& command);
[[nodiscard]] CLI::App* add_compare(CLI::App& app);
[[nodiscard]] ExitCode compare();

[[nodiscard]] CLI::App* add_schema(CLI::App& app);
[[nodiscard]] ExitCode schema();

[[nodiscard]] CLI::App* add_doctor(CLI::App& app);
[[nodiscard]] ExitCode doctor();

}  // namespace headgate::loadgen
