// `loadgen doctor`: whether this machine can measure what is asked of it.
#include "headgate/load/doctor.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "commands.hpp"
#include "headgate/report/table.hpp"

namespace headgate::loadgen {
namespace {

struct DoctorFlags {
  load::DoctorNeeds needs;
  bool json = false;
};

DoctorFlags& doctor_flags() {
  static DoctorFlags flags;
  return flags;
}

const char* word_of(load::Finding::Level level) {
  if (level == load::Finding::Level::kGood) return "good";
  return level == load::Finding::Level::kBad ? "BAD" : "doubtful";
}

void print_json(const std::vector<load::Finding>& findings) {
  nlohmann::ordered_json json{{"format", "headgate.doctor/1"},
                              {"fit", load::is_fit(findings)},
                              {"findings", nlohmann::ordered_json::array()}};
  for (const load::Finding& finding : findings) {
    json["findings"].push_back({{"what", finding.what},
                                {"level", word_of(finding.level)},
                                {"found", finding.found},
                                {"advice", finding.advice}});
  }
  std::printf("%s\n", json.dump(2).c_str());
}

void print_text(const std::vector<load::Finding>& findings) {
  report::Table table{{{"", report::Align::kLeft},
                       {"", report::Align::kLeft},
                       {"found", report::Align::kLeft},
                       {"what to do", report::Align::kLeft}}};
  for (const load::Finding& finding : findings) {
    table.add({finding.what, word_of(finding.level), finding.found, finding.advice});
  }
  std::fputs(table.to_text().c_str(), stdout);
}

}  // namespace

CLI::App* add_doctor(CLI::App& app) {
  CLI::App* command = app.add_subcommand("doctor", "look whether this machine can measure");
  DoctorFlags& set = doctor_flags();
  command->add_option("-c,--connections", set.needs.connections, "of the run to come")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  command->add_option("-t,--threads", set.needs.threads, "of the run to come")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  command
      ->add_option("--connects", set.needs.connects_per_s,
                   "new connections a second, where they do not stay open")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  command->add_flag("--json", set.json, "print the findings as JSON");
  command->footer(
      "Exit code 4 if a run would not be valid.\n\n"
      "Examples:\n"
      "  loadgen doctor\n"
      "  loadgen doctor -c 10000 --connects 200");
  return command;
}

ExitCode doctor() {
  const DoctorFlags& set = doctor_flags();
  const auto findings = load::diagnose(load::examine_machine(), set.needs);
  if (set.json) {
    print_json(findings);
  } else {
    print_text(findings);
  }
  return load::is_fit(findings) ? ExitCode::kYes : ExitCode::kInvalid;
}

}  // namespace headgate::loadgen
