// `sim theory`: holds the simulator against exact results of queueing theory.
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "headgate/report/file.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/manifest.hpp"
#include "headgate/report/table.hpp"
#include "headgate/sim/theory/check.hpp"
#include "sim/commands.hpp"

namespace headgate::sim_tool {
namespace {

namespace theory = sim::theory;

struct TheoryArguments {
  bool quick = false;
  bool list = false;
  std::string family;
  std::string json;
  std::string out;
  std::uint64_t seed = 1;
  unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::string> command;
};

std::atomic<bool> theory_interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler writes it");

void on_theory_interrupt(int /*signal*/) { theory_interrupted = true; }

// The cases that were asked for; empty if there is no such family.
std::vector<theory::Setup> chosen(const TheoryArguments& arguments) {
  std::vector<theory::Setup> setups = theory::all_setups();
  std::erase_if(setups, [&](const theory::Setup& setup) {
    return (arguments.quick && !setup.quick) ||
           (!arguments.family.empty() && setup.family.name != arguments.family);
  });
  return setups;
}

std::string family_names() {
  std::string names;
  std::string last;
  for (const theory::Setup& setup : theory::all_setups()) {
    if (setup.family.name == last) continue;
    last = setup.family.name;
    names += (names.empty() ? "'" : ", '") + last + "'";
  }
  return names;
}

Result<void> write_document(const std::string& path, const std::string& text,
                            const std::vector<std::string>& command) {
  if (auto written = report::write_file(path, text); !written) return written;
  const report::Json manifest = report::manifest_json(report::collect_manifest(command));
  return report::write_file(path + ".manifest.json", report::to_text(manifest));
}

Result<void> write_findings(const std::vector<theory::SetupFindings>& findings,
                            const TheoryArguments& arguments) {
  const std::string json = report::to_text(theory::findings_json(findings, arguments.seed));
  if (!arguments.json.empty()) {
    if (auto done = write_document(arguments.json, json, arguments.command); !done) return done;
  }
  if (arguments.out.empty()) return {};
  if (auto done = report::write_file(arguments.out + "/table.txt",
                                     theory::findings_text(findings, /*colour=*/false));
      !done) {
    return done;
  }
  return write_document(arguments.out + "/result.json", json, arguments.command);
}

ExitCode run_theory(const TheoryArguments& arguments) {
  const std::vector<theory::Setup> setups = chosen(arguments);
  if (setups.empty()) {
    fmt::print(stderr, "sim: there is no family '{}'; there are {}\n", arguments.family,
               family_names());
    return ExitCode::kUsage;
  }
  if (arguments.list) {
    fmt::print("{}", theory::cases_text(setups));
    return ExitCode::kYes;
  }
  // Before the minute that it takes, not after it.
  std::error_code refused;
  if (!arguments.out.empty()) std::filesystem::create_directories(arguments.out, refused);
  if (refused) {
    fmt::print(stderr, "sim: {}: {}\n", arguments.out, refused.message());
    return ExitCode::kUsage;
  }
  std::signal(SIGINT, on_theory_interrupt);
  std::signal(SIGTERM, on_theory_interrupt);
  const bool shows = isatty(STDERR_FILENO) == 1;
  const auto findings = theory::check(setups, {.threads = arguments.threads,
                                               .seed = arguments.seed,
                                               .stop = &theory_interrupted,
                                               .progress = [&](std::size_t done) {
                                                 if (shows)
                                                   fmt::print(stderr, "\r\033[K{} of {} scenarios",
                                                              done, setups.size());
                                               }});
  if (shows) std::fputs("\r\033[K", stderr);
  if (!findings) {
    fmt::print(stderr, "sim: {}: {}\n", findings.error().where, findings.error().why);
    return ExitCode::kUsage;
  }
  fmt::print("{}", theory::findings_text(*findings, report::colour_wanted(STDOUT_FILENO)));
  if (const auto written = write_findings(*findings, arguments); !written) {
    fmt::print(stderr, "sim: {}: {}\n", written.error().where, written.error().why);
    return ExitCode::kUsage;
  }
  return theory::all_hold(*findings) ? ExitCode::kYes : ExitCode::kNo;
}

}  // namespace

void add_theory(CLI::App& app, Outcome& outcome) {
  auto arguments = std::make_shared<TheoryArguments>();
  CLI::App* command =
      app.add_subcommand("theory", "Hold the simulator against exact results of queueing theory");
  command->add_flag("--quick", arguments->quick, "A few scenarios of each family: some seconds");
  command->add_option("--family", arguments->family, "Only this one, as --list names it");
  command->add_flag("--list", arguments->list, "What the cases are and rest on; runs nothing");
  command->add_option("--json", arguments->json, "Also write the findings to this file");
  command->add_option("--out", arguments->out,
                      "Also write table.txt and result.json into this folder");
  command->add_option("--seed", arguments->seed, "Of every draw")->capture_default_str();
  command
      ->add_option("--threads", arguments->threads,
                   "Threads for scenarios; the findings are the same for any number")
      ->check(CLI::Range(1, 1024));
  command->footer(
      "A case holds if the exact value lies in the 99.9 % interval of the estimate and the\n"
      "interval is no wider than allowed. A scenario with a miss is looked at once more with\n"
      "fresh draws, and that counts: one case in a thousand misses once by chance.\n\n"
      "Exit codes: 0 all cases hold, 1 some do not, 2 usage or a file that cannot be written.\n\n"
      "Examples:\n"
      "  sim theory\n"
      "  sim theory --quick --threads 2\n"
      "  sim theory --family 'token bucket' --seed 7\n"
      "  sim theory --out results/theory");
  command->callback([arguments, &outcome] {
    arguments->command = outcome.command;
    outcome.code = run_theory(*arguments);
  });
}

}  // namespace headgate::sim_tool
