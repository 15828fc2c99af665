// `sim new`: a copy of a scenario that comes with the program, to start from.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "headgate/core/text.hpp"
#include "headgate/report/file.hpp"
#include "sim/commands.hpp"
#include "sim/shipped.hpp"

namespace headgate::sim_tool {
namespace {

struct NewArguments {
  std::string name;
  std::string from = "mm1";
  std::string out;
};

const ShippedFile* find_scenario(const std::string& wanted) {
  std::vector<std::string_view> names;
  for (const ShippedFile* file : shipped_scenarios()) {
    if (name_of(*file) == wanted) return file;
    names.push_back(name_of(*file));
  }
  const std::string_view near = nearest_word(wanted, names);
  fmt::print(stderr, "sim: no scenario '{}' comes with the program; {}\n", wanted,
             near.empty() ? "see sim list" : fmt::format("did you mean '{}'?", near));
  return nullptr;
}

struct Copy {
  std::filesystem::path to;
  std::string_view text;
};

// The scenario, and beside it every shipped file whose path it mentions, at that path.
std::vector<Copy> copies_of(const ShippedFile& scenario, const std::filesystem::path& to) {
  std::vector<Copy> copies{{to, scenario.text}};
  for (const ShippedFile& file : shipped_files()) {
    if (!file.path.contains('/') || !scenario.text.contains(file.path)) continue;
    copies.push_back({to.parent_path() / file.path, file.text});
  }
  return copies;
}

ExitCode start(const NewArguments& arguments) {
  const ShippedFile* scenario = find_scenario(arguments.from);
  if (scenario == nullptr) return ExitCode::kUsage;
  const std::string to =
      arguments.out.empty() ? arguments.name + std::string{kScenarioSuffix} : arguments.out;
  const std::vector<Copy> copies = copies_of(*scenario, to);
  for (const Copy& copy : copies) {
    if (!std::filesystem::exists(copy.to)) continue;
    fmt::print(stderr, "sim: {} is there already; give another name or -o FILE\n",
               copy.to.string());
    return ExitCode::kUsage;
  }
  for (const Copy& copy : copies) {
    std::error_code ignored;  // the write says what is wrong
    if (copy.to.has_parent_path()) {
      std::filesystem::create_directories(copy.to.parent_path(), ignored);
    }
    if (const auto written = report::write_file(copy.to.string(), copy.text); !written) {
      fmt::print(stderr, "sim: {}: {}\n", written.error().where, written.error().why);
      return ExitCode::kUsage;
    }
    fmt::print("{}\n", copy.to.string());
  }
  return ExitCode::kYes;
}

}  // namespace

void add_new(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand("new", "Copy a scenario of the list, to start from");
  auto arguments = std::make_shared<NewArguments>();
  command->add_option("NAME", arguments->name, "What it shall be called")->required();
  command->add_option("--from", arguments->from, "One of sim list")->capture_default_str();
  command->add_option("-o", arguments->out, "The file to write; NAME.yaml if left out");
  command->footer(
      "Exit codes: 0 written, 2 not: nothing is ever overwritten.\n\n"
      "Examples:\n"
      "  sim new mine\n"
      "  sim new limits --from token_bucket -o studies/limits.yaml");
  command->callback([arguments, &outcome] { outcome.code = start(*arguments); });
}

}  // namespace headgate::sim_tool
