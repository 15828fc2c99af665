// `loadgen run`: load from flags, a plan, or a plan with flags over it.
#include <cstdio>
#include <optional>

#include "commands.hpp"
#include "drive_flags.hpp"
#include "fleet.hpp"
#include "headgate/arrival/catalog.hpp"
#include "headgate/config/load_plan.hpp"
#include "headgate/core/text.hpp"
#include "headgate/load/summary.hpp"
#include "outputs.hpp"
#include "scenario_plan.hpp"
#include "transport_flags.hpp"
#include "watch.hpp"

namespace headgate::loadgen {
namespace {

struct Flags {
  std::string plan;
  ScenarioChoice scenario;
  std::vector<std::string> urls;
  std::optional<std::uint32_t> connections;
  std::optional<std::uint32_t> threads;
  std::string duration;
  std::string requests;
  std::string rate;
  std::string arrival = "constant";
  std::vector<std::string> headers;
  std::string method;
  std::string body;
  std::string timeout;
  std::vector<std::string> expect;
  std::optional<std::uint64_t> seed;
  bool progress = false;
  Outputs outputs;
};

Flags& flags() {
  static Flags flags;
  return flags;
}

/// `set` gets what `parse` makes of `text`; an empty text leaves it as it is.
template <class T, class Parse>
Result<void> override_by(const std::string& text, Parse parse, T& set) {
  if (text.empty()) return {};
  auto value = parse(text);
  if (!value) return std::unexpected(value.error());
  set = *std::move(value);
  return {};
}

Result<std::pair<std::string, std::string>> parse_header(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) {
    return failed(Errc::kInvalidArgument, text, "a header is written 'name: value'");
  }
  const std::size_t value = text.find_first_not_of(" \t", colon + 1);
  return std::pair{text.substr(0, colon),
                   value == std::string::npos ? std::string{} : text.substr(value)};
}

Result<void> set_targets(const Flags& flags, config::LoadPlan& plan) {
  if (flags.urls.empty()) return {};
  plan.targets.clear();
  for (const std::string& url : flags.urls) {
    auto target = config::parse_target(url);
    if (!target) return std::unexpected(target.error());
    plan.targets.push_back(*std::move(target));
  }
  return {};
}

/// -m, -b and -H speak of every request of the plan.
Result<void> set_requests(const Flags& flags, config::LoadPlan& plan) {
  if (plan.requests.empty()) plan.requests.emplace_back();
  for (config::LoadRequest& request : plan.requests) {
    if (!flags.body.empty()) request.body = flags.body;
    if (!flags.body.empty() && request.method == "GET") request.method = "POST";
    if (!flags.method.empty()) request.method = flags.method;
    for (const std::string& text : flags.headers) {
      auto header = parse_header(text);
      if (!header) return std::unexpected(header.error());
      request.headers.push_back(*std::move(header));
    }
  }
  return {};
}

Result<void> set_arrivals(const Flags& flags, config::LoadPlan& plan) {
  if (flags.rate.empty()) return {};
  // As wrk2 has it: a bare number is one a second.
  const bool bare = flags.rate.find_first_not_of("0123456789") == std::string::npos;
  const auto rate = parse_rate(bare ? flags.rate + "/s" : flags.rate);
  if (!rate) return std::unexpected(rate.error());
  if (rate->count == 0)
    return failed(Errc::kInvalidArgument, flags.rate, "a rate is more than zero");
  auto arrivals = arrival::make_arrivals(flags.arrival, *rate);
  if (!arrivals) return std::unexpected(arrivals.error());
  plan.arrivals = *std::move(arrivals);
  return {};
}

Result<void> set_expectations(const Flags& flags, config::LoadPlan& plan) {
  for (const std::string& text : flags.expect) {
    auto expectation = stats::parse_expectation(text);
    if (!expectation) return std::unexpected(expectation.error());
    plan.expect.push_back(*std::move(expectation));
  }
  return {};
}

Result<void> apply(const Flags& flags, config::LoadPlan& plan) {
  if (flags.connections) plan.connections = *flags.connections;
  if (flags.threads) plan.threads = *flags.threads;
  if (flags.seed) plan.seed = *flags.seed;
  const auto count = [](const std::string& text) -> Result<std::uint64_t> {
    const auto value = parse_count(text);
    if (!value) return std::unexpected(value.error());
    return static_cast<std::uint64_t>(*value);
  };
  for (const Result<void>& applied :
       {set_targets(flags, plan), override_by(flags.duration, parse_duration, plan.duration),
        override_by(flags.requests, count, plan.count),
        override_by(flags.timeout, parse_duration, plan.timeout), set_requests(flags, plan),
        set_arrivals(flags, plan), set_expectations(flags, plan), apply_drive_flags(plan),
        apply_transport_flags(plan)}) {
    if (!applied) return applied;
  }
  return {};
}

/// The plan of the file, if there is one, with the flags over it; complains and returns nothing if
/// that is no plan.
std::optional<config::LoadPlan> read(const Flags& flags) {
  config::LoadPlan plan;
  if (!flags.plan.empty()) {
    auto loaded = config::load_plan_file(flags.plan);
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      std::fprintf(stderr, "%s\n", config::to_text(diagnostic).c_str());
    }
    if (!loaded.ok()) return std::nullopt;
    plan = std::move(loaded.value);
  }
  if (!flags.scenario.file.empty()) {
    auto made = plan_of_scenario(flags.scenario);
    if (!made) return std::nullopt;
    plan = *std::move(made);
  }
  if (const auto applied = apply(flags, plan); !applied) {
    complain(applied.error());
    return std::nullopt;
  }
  if (plan.targets.empty()) {
    complain({Errc::kInvalidArgument, "", "where to? give --url URL or --plan FILE"});
    return std::nullopt;
  }
  return plan;
}

/// The run, here or by agents.
Result<load::Summary> drive(const load::Job& job, const config::LoadPlan& plan,
                            report::Manifest manifest) {
  if (agents_wanted()) {
    return run_with_agents(job, flags().plan, std::move(manifest), asked_to_end);
  }
  const auto run = load::Run::connect(job);
  if (!run) return std::unexpected(run.error());
  if (const auto gone = let_go(**run); !gone) return std::unexpected(gone.error());
  watch(**run, job, flags().progress);
  return load::summarise((*run)->finish(), job, plan.expect, std::move(manifest));
}

/// The arrivals that only a plan can write.
std::string arrivals_of_plans() {
  std::string names;
  for (const arrival::Entry& entry : arrival::arrivals_catalog()) {
    if (entry.form == arrival::Form::kScalar) continue;
    names += (names.empty() ? "" : ", ") + std::string{entry.name};
  }
  return names;
}

}  // namespace

CLI::App* add_run(CLI::App& app) {
  CLI::App* command = app.add_subcommand("run", "drive load at a target and measure it");
  Flags& set = flags();
  command->add_option("--url,url", set.urls,
                      "http(s)://HOST:PORT/PATH or unix:/SOCKET[:/PATH]; may be repeated");
  command->add_option("--plan", set.plan, "load plan, YAML or JSON; flags override it");
  CLI::Option* const scenario = command->add_option(
      "--scenario", set.scenario.file,
      "take arrivals, requests, timeout and expectations from a scenario of sim");
  scenario->excludes("--plan");
  command
      ->add_option("--at", set.scenario.at,
                   "the point of its sweep, such as load=0.9,policy=random")
      ->needs(scenario);
  command->add_option("--set", set.scenario.set, "PATH=VALUE in the scenario; may be repeated")
      ->needs(scenario);
  command
      ->add_option("-c,--connections", set.connections, "clients, each with one request at a time")
      ->check(CLI::Range(1, 100'000));
  command->add_option("-t,--threads", set.threads, "event loops")->check(CLI::Range(1, 256));
  command->add_option("-d,--duration", set.duration, "such as 15s (default: 10s, without -n)");
  command->add_option("-n,--requests", set.requests, "send this many, such as 100k");
  command->add_option("-R,--rate", set.rate, "open loop at this rate, such as 300/s");
  command
      ->add_option("--arrival", set.arrival,
                   "how the open loop's requests come; --plan has too: " + arrivals_of_plans())
      ->check(CLI::IsMember(arrival::open_arrivals()))
      ->capture_default_str();
  command->add_option("-H,--header", set.headers, "'name: value'; may be repeated");
  command->add_option("-m,--method", set.method, "default: GET, with a body POST");
  command->add_option("-b,--body", set.body, "of every request; {sequence} becomes its number");
  add_drive_flags(*command);
  add_fleet_flags(*command);
  command->add_option("--timeout", set.timeout, "from the intended time (default: 5s)");
  command->add_option("--expect", set.expect,
                      "such as 'response_time.p99 < 20ms'; exit 1 if it fails; may be repeated");
  command->add_option("--seed", set.seed, "of the schedule and all choices (default: 1)");
  command->add_flag("--progress", set.progress,
                    "a line each second on stderr, where that is no terminal");
  add_options(*command, set.outputs);
  add_transport_flags(*command);
  command->footer(
      "Without a rate the loop is closed: each client sends when its last answer is there. With "
      "one\n"
      "it is open: requests fall due whatever the target does, and response time counts from "
      "then.\n"
      "The timeout does too. A request that is under way at the end may take 1 s more.\n\n"
      "Examples (beside `loadgen serve --bind 127.0.0.1:9001 --time exponential:2ms`):\n"
      "  loadgen run --url http://127.0.0.1:9001/ --rate 200/s --arrival poisson -d 2s\n"
      "  loadgen run --url http://127.0.0.1:9001/ -c 8 -n 2000 --json result.json\n"
      "  loadgen run --url http://127.0.0.1:9001/ -R 500/s -d 5s --html result.html\n"
      "  loadgen run --url http://127.0.0.1:9001/ -R 100/s -d 2s --expect 'failed_share < 0.1%'");
  return command;
}

ExitCode run(const std::vector<std::string>& command) {
  const auto plan = read(flags());
  if (!plan || !can_write(flags().outputs)) return ExitCode::kUsage;
  auto job = load::Job::prepare(*plan);
  if (!job) {
    complain(job.error());
    return job.error().code == Errc::kUnavailable ? ExitCode::kUnreachable : ExitCode::kUsage;
  }
  if (const auto sliced = take_slice(*job); !sliced) {
    complain(sliced.error());
    return ExitCode::kUsage;
  }
  end_by_signal();
  job->spin = spin_flag();
  report::Manifest manifest = report::collect_manifest(command);
  const auto summary = drive(*job, *plan, std::move(manifest));
  if (!summary) {
    complain(summary.error());
    const bool usage = summary.error().code == Errc::kInvalidArgument;
    return usage ? ExitCode::kUsage : ExitCode::kUnreachable;
  }
  return show(*summary, flags().outputs);
}

}  // namespace headgate::loadgen
