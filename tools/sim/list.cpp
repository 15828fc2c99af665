// `sim list`: the scenarios that come with the program, and what they ask.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "headgate/config/text.hpp"
#include "headgate/report/table.hpp"
#include "sim/commands.hpp"
#include "sim/shipped.hpp"

namespace headgate::sim_tool {
namespace {

std::string question_of(const ShippedFile& file) {
  const auto tree = config::read_text(file.text, std::string{file.path});
  const config::Node* question = tree.value.root.find("question");
  return question == nullptr ? std::string{} : question->text;
}

ExitCode list() {
  report::Table table({{"scenario", report::Align::kLeft}, {"question", report::Align::kLeft}});
  for (const ShippedFile* file : shipped_scenarios()) {
    table.add({std::string{name_of(*file)}, question_of(*file)});
  }
  fmt::print("{}", table.to_text());
  return ExitCode::kYes;
}

}  // namespace

void add_list(CLI::App& app, Outcome& outcome) {
  CLI::App* command = app.add_subcommand(
      "list", "List the scenarios that come with the program, and what they ask");
  command->footer("Examples:\n  sim list\n  sim new mine --from balancers");
  command->callback([&outcome] { outcome.code = list(); });
}

}  // namespace headgate::sim_tool
