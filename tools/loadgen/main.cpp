// loadgen: load for HTTP servers, measured from when each request should have been sent.
#include <cstdio>
#include <exception>

#include "commands.hpp"

namespace headgate::loadgen {

void complain(const Error& error) {
  std::fprintf(stderr, "loadgen: %s%s%s\n", error.where.c_str(), error.where.empty() ? "" : ": ",
               error.why.c_str());
}

namespace {

int dispatch(int argc, char** argv) {
  CLI::App app{"Load for HTTP servers, measured from when each request should have been sent.",
               "loadgen"};
  app.set_version_flag("--version", "loadgen " HG_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 an expectation failed or a regression, 2 usage, 3 inconclusive,\n"
      "4 the generator was the bottleneck, 5 the target cannot be reached.\n\n"
      "Examples:\n"
      "  loadgen serve --bind 127.0.0.1:9001 --time exponential:2ms &\n"
      "  loadgen run --url http://127.0.0.1:9001/ --rate 200/s --arrival poisson -d 5s\n"
      "  loadgen run --url http://127.0.0.1:9001/ -c 8 -d 5s --expect 'response_time.p99 < 100ms'\n"
      "  loadgen bus --store memory -R 10k/s -d 2s\n"
      "  loadgen doctor\n"
      "  loadgen schema");
  CLI::App* run_command = add_run(app);
  CLI::App* serve_command = add_serve(app);
  CLI::App* ab_command = add_ab(app);
  CLI::App* gate_command = add_gate(app);
  CLI::App* report_command = add_report(app);
  CLI::App* merge_command = add_merge(app);
  CLI::App* agent_command = add_agent(app);
  CLI::App* bus_command = add_bus(app);
  CLI::App* search_command = add_search(app);
  CLI::App* compare_command = add_compare(app);
  CLI::App* doctor_command = add_doctor(app);
  CLI::App* schema_command = add_schema(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  ExitCode code = ExitCode::kUsage;
  if (run_command->parsed()) code = run({argv, argv + argc});
  if (serve_command->parsed()) code = serve();
  if (ab_command->parsed()) code = ab({argv, argv + argc});
  if (gate_command->parsed()) code = gate({argv, argv + argc});
  if (report_command->parsed()) code = report();
  if (merge_command->parsed()) code = merge({argv, argv + argc});
  if (agent_command->parsed()) code = agent();
  if (bus_command->parsed()) code = bus({argv, argv + argc});
  if (search_command->parsed()) code = search({argv, argv + argc});
  if (compare_command->parsed()) code = compare();
  if (doctor_command->parsed()) code = doctor();
  if (schema_command->parsed()) code = schema();
  return static_cast<int>(code);
}

}  // namespace
}  // namespace headgate::loadgen

int main(int argc, char** argv) {
  try {
    return headgate::loadgen::dispatch(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "loadgen: %s\n", error.what());
    return static_cast<int>(headgate::ExitCode::kUsage);
  }
}
