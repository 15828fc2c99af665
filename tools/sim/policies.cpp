// `sim policies`: every limiter, balancer and resilience rule there is, as the catalogs have it.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "headgate/balance/catalog.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/report/json.hpp"
#include "headgate/resilience/catalog.hpp"
#include "sim/commands.hpp"

namespace headgate::sim_tool {
namespace {

struct Family {
  std::string_view name;
  std::string_view written;  // where in a config it stands
  std::span<const CatalogEntry> entries;
  std::span<const OptionInfo> common;  // options that every entry has
};

std::array<Family, 3> families() {
  return {Family{.name = "limiters",
                 .written = "rate_limit: {algorithm: NAME, …}",
                 .entries = ratelimit::catalog(),
                 .common = ratelimit::common_options()},
          Family{.name = "balancers",
                 .written = "balance: {policy: NAME, …}",
                 .entries = balance::catalog(),
                 .common = {}},
          Family{.name = "resilience",
                 .written = "services.NAME.NAME: {…}",
                 .entries = resilience::catalog(),
                 .common = {}}};
}

std::string to_text(const OptionInfo& option) {
  std::string text = fmt::format("      {}: {}", option.name, option.doc);
  for (std::size_t i = 0; i < option.choices.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? ": " : " | ", option.choices[i]);
  }
  text += option.fallback.empty() ? " (required)" : fmt::format(" (default: {})", option.fallback);
  return text + "\n";
}

std::string to_text(const CatalogEntry& entry) {
  std::string text =
      fmt::format("  {}\n    {}\n    bound:  {}\n    cost:   {}\n    source: {}\n", entry.name,
                  entry.summary, entry.guarantee, entry.cost, entry.source);
  if (!entry.options.empty()) text += "    options:\n";
  for (const OptionInfo& option : entry.options) text += to_text(option);
  return text;
}

std::string to_text(const Family& family) {
  std::string text = fmt::format("{} ({})\n\n", family.name, family.written);
  for (const CatalogEntry& entry : family.entries) text += to_text(entry) + "\n";
  if (!family.common.empty()) text += "  all of them\n    options:\n";
  for (const OptionInfo& option : family.common) text += to_text(option);
  return text + (family.common.empty() ? "" : "\n");
}

report::Json to_json(std::span<const OptionInfo> options) {
  report::Json all = report::Json::array();
  for (const OptionInfo& option : options) {
    report::Json json{{"name", option.name}, {"doc", option.doc}};
    json["required"] = option.fallback.empty();
    if (!option.fallback.empty()) json["default"] = option.fallback;
    for (const std::string_view choice : option.choices) json["choices"].push_back(choice);
    all.push_back(std::move(json));
  }
  return all;
}

report::Json to_json(const Family& family) {
  report::Json json{{"written", family.written}, {"common_options", to_json(family.common)}};
  for (const CatalogEntry& entry : family.entries) {
    json["entries"].push_back({{"name", entry.name},
                               {"summary", entry.summary},
                               {"bound", entry.guarantee},
                               {"cost", entry.cost},
                               {"options", to_json(entry.options)},
                               {"source", entry.source}});
  }
  return json;
}

std::string listing(bool as_json) {
  report::Json json;
  std::string text;
  for (const Family& family : families()) {
    text += to_text(family);
    json[std::string{family.name}] = to_json(family);
  }
  return as_json ? report::to_text(json) : text;
}

}  // namespace

void add_policies(CLI::App& app, Outcome& outcome) {
  CLI::App* command =
      app.add_subcommand("policies", "List every policy with its bound, cost, options and source");
  auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "As one JSON document");
  command->footer("Examples:\n  sim policies\n  sim policies --json");
  command->callback([as_json, &outcome] {
    const std::string text = listing(*as_json);
    const bool written =
        std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
    outcome.code = written ? ExitCode::kYes : ExitCode::kUsage;
    if (!written) std::perror("sim: output");
  });
}

}  // namespace headgate::sim_tool
