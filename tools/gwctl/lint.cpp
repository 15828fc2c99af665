// `gwctl lint CONFIG`: everything that `gwctl run CONFIG` would refuse, and what it would run but
// nobody can have meant.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

#include "gwctl/commands.hpp"
#include "headgate/balance/catalog.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/config/lint/rules.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::gwctl {
namespace {

struct LintArguments {
  std::string file;
  bool json = false;
  bool rules = false;
};

using Report = config::Loaded<config::GatewayConfig>;

ExitCode verdict(const Report& report) {
  if (!report.readable) return ExitCode::kUsage;
  return report.diagnostics.empty() ? ExitCode::kYes : ExitCode::kNo;
}

void print_text(const Report& report, const std::string& file) {
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    fmt::print("{}\n", to_text(diagnostic));
  }
  const auto errors = std::ranges::count(report.diagnostics, config::Severity::kError,
                                         &config::Diagnostic::severity);
  const auto warnings = std::ssize(report.diagnostics) - errors;
  if (report.diagnostics.empty()) {
    fmt::print("{}: clean (listeners: {}, services: {}, routes: {})\n", file,
               report.value.listeners.size(), report.value.services.size(),
               report.value.routes.size());
  } else if (report.readable) {
    fmt::print("{}: errors: {}, warnings: {}\n", file, errors, warnings);
  } else {
    fmt::print("{}: unreadable\n", file);
  }
}

void print_json(const Report& report, const std::string& file) {
  std::string findings;
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    findings += (findings.empty() ? "" : ",") + to_json(diagnostic);
  }
  fmt::print("{{\"format\":\"headgate.lint/1\",\"file\":{},\"readable\":{},\"findings\":[{}]}}\n",
             nlohmann::json(file).dump(), report.readable, findings);
}

void print_rules() {
  for (const config::lint::Rule& rule : config::lint::rules()) {
    fmt::print("{}  {:7}  {}\n", rule.id,
               rule.severity == config::Severity::kError ? "error" : "warning", rule.doc);
  }
}

ExitCode run_lint(const LintArguments& arguments) {
  const Report report = config::load_gateway_file(arguments.file);
  if (arguments.json) {
    print_json(report, arguments.file);
  } else {
    print_text(report, arguments.file);
  }
  return verdict(report);
}

/// What a config may name, from the catalogs that read it: a line per policy, then its options.
std::string policies_help(std::string_view title, std::span<const CatalogEntry> catalog) {
  std::string text = fmt::format("{}\n", title);
  for (const CatalogEntry& entry : catalog) {
    text += fmt::format("  {:<14} {}\n", entry.name, entry.summary);
    for (const OptionInfo& option : entry.options) {
      text += fmt::format("    {:<12} {}{}\n", option.name, option.doc,
                          option.fallback.empty() ? "" : fmt::format(" [{}]", option.fallback));
    }
  }
  return text;
}

}  // namespace

void add_lint(CLI::App& app, Outcome& outcome) {
  CLI::App* lint = app.add_subcommand("lint", "Check a gateway config without running it");
  auto arguments = std::make_shared<LintArguments>();
  CLI::Option* file = lint->add_option("CONFIG", arguments->file, "YAML or JSON");
  lint->add_flag("--json", arguments->json, "Print one JSON object instead of lines");
  lint->add_flag("--rules", arguments->rules, "Print what can be found, and stop");
  lint->footer(policies_help("Limiters (rate_limit.algorithm):", ratelimit::catalog()) +
               policies_help("Balancers (balance.policy):", balance::catalog()) +
               "\nExit codes: 0 clean, 1 findings, 2 unreadable.\n\n"
               "Examples:\n  gwctl lint gateway.yaml\n  gwctl lint gateway.yaml --json\n"
               "  gwctl lint --rules");
  lint->callback([arguments, file, &outcome] {
    if (arguments->rules) return print_rules();
    if (file->count() == 0) throw CLI::RequiredError{"CONFIG"};
    outcome.code = run_lint(*arguments);
  });
}

}  // namespace headgate::gwctl
