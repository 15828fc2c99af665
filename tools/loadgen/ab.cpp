// `loadgen ab`: is the candidate worse? Measured live, both in turn or both at once.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>

#include "commands.hpp"
#include "flag_values.hpp"
#include "gate_flags.hpp"
#include "headgate/core/text.hpp"
#include "headgate/load/child.hpp"
#include "headgate/load/trial.hpp"
#include "headgate/report/manifest.hpp"
#include "plan_flags.hpp"
#include "signals.hpp"

namespace headgate::loadgen {
namespace {

constexpr Duration kReadyMax = std::chrono::seconds{20};
constexpr Duration kPatience = std::chrono::seconds{2};

struct AbSide {
  std::string url;
  std::string command;
};

struct AbFlags {
  AbSide a;
  AbSide b;
  std::string path = "/";
  bool duet = false;
  std::optional<std::uint64_t> slices;
  std::string slice_time = "1s";
  std::string warmup = "2s";
  std::string time_max = "3m";
  PlanFlags plan;
  GateFlags gate;
};

AbFlags& ab_flags() {
  static AbFlags flags;
  return flags;
}

/// A side that is there to be measured: its target, and the server if we have started it.
struct Standing {
  std::optional<load::Child> child;
  config::LoadTarget target;
};

Result<Standing> stand_up(const AbSide& side, const std::string& name, const std::string& path) {
  if (side.url.empty() == side.command.empty()) {
    return failed(Errc::kInvalidArgument, "--" + name,
                  "give either --" + name + " URL or --" + name + "-cmd COMMAND");
  }
  Standing standing;
  std::string url = side.url;
  if (!side.command.empty()) {
    auto child = load::Child::start({"/bin/sh", "-c", side.command}, {.patience = kPatience});
    if (!child) return std::unexpected(child.error());
    const auto address = child->await_address(side.command, kReadyMax);
    if (!address) return std::unexpected(address.error());
    standing.child.emplace(*std::move(child));
    url = "http://" + *address + path;
  }
  auto target = config::parse_target(url);
  if (!target) return std::unexpected(target.error());
  standing.target = *std::move(target);
  return standing;
}

Result<Duration> positive(const std::string& text) {
  auto duration = parse_duration(text);
  if (duration && *duration <= Duration::zero()) {
    return failed(Errc::kInvalidArgument, text, "must be more than zero");
  }
  return duration;
}

Result<load::TrialOptions> options_of(const AbFlags& flags, config::LoadPlan plan) {
  load::TrialOptions options;
  options.plan = std::move(plan);
  options.duet = flags.duet;
  options.slices_max = flags.slices;
  auto question = question_of(flags.gate);
  if (!question) return std::unexpected(question.error());
  options.question = *std::move(question);
  for (const Result<void>& put_one :
       {put("--slice-time", flags.slice_time, positive, options.slice),
        put("--warmup", flags.warmup, positive, options.warmup),
        put("--max-time", flags.time_max, positive, options.time_max)}) {
    if (!put_one) return std::unexpected(put_one.error());
  }
  if (load::pairs_planned(options) == 0) {
    return failed(Errc::kInvalidArgument, flags.slices ? "--slices" : "--max-time",
                  "leaves no room for one pair: --slice-time, times four without --duet");
  }
  return options;
}

load::TrialWatcher watcher_for(Standing& a, Standing& b) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  return [terminal, &a, &b](const load::TrialProgress& progress) {
    for (Standing* side : {&a, &b}) {
      while (side->child && side->child->line(Duration::zero())) {  // or it would wait for us
      }
    }
    if (terminal) {
      std::fprintf(stderr, "\r%4lld s  %zu pairs of at most %zu, %zu thrown away ",
                   static_cast<long long>(
                       std::chrono::duration_cast<std::chrono::seconds>(progress.elapsed).count()),
                   progress.pairs, progress.planned, progress.thrown_away);
    }
    return !interrupted();
  };
}

ExitCode fail(const Error& error) {
  complain(error);
  return error.code == Errc::kUnavailable ? ExitCode::kUnreachable : ExitCode::kUsage;
}

ExitCode measure(const AbFlags& flags, load::TrialOptions options,
                 const std::vector<std::string>& command) {
  auto a = stand_up(flags.a, "a", flags.path);
  if (!a) return fail(a.error());
  auto b = stand_up(flags.b, "b", flags.path);
  if (!b) return fail(b.error());
  options.a = a->target;
  options.b = b->target;
  nlohmann::ordered_json document{{"format", "headgate.ab/1"}};
  document["manifest"] = report::manifest_json(report::collect_manifest(command));
  const auto trial = load::run_trial(options, watcher_for(*a, *b));
  if (isatty(STDERR_FILENO) == 1) std::fprintf(stderr, "\r\033[K");
  if (!trial) return fail(trial.error());
  const auto called = [](const AbSide& side) {
    return side.command.empty() ? side.url : side.command;
  };
  const load::GateReport report =
      load::report_of(options, *trial, called(flags.a), called(flags.b));
  document.update(load::gate_json(report));
  document.update(load::trial_json(options, *trial));
  if (const auto told = tell(report, document, flags.gate); !told) return fail(told.error());
  return load::exit_code(report);
}

}  // namespace

CLI::App* add_ab(CLI::App& app) {
  CLI::App* command = app.add_subcommand("ab", "is one server worse than another, measured live?");
  AbFlags& set = ab_flags();
  command->add_option("--a", set.a.url, "the baseline, http://HOST:PORT/PATH");
  command->add_option("--b", set.b.url, "the candidate, the same");
  command->add_option("--a-cmd", set.a.command,
                      "or a command that starts the baseline and prints `ready http=HOST:PORT`");
  command->add_option("--b-cmd", set.b.command, "or one that starts the candidate");
  command->add_option("--path", set.path, "what is asked of started servers")
      ->capture_default_str();
  command->add_flag("--duet", set.duet, "both at once, each with half of the load");
  command->add_option("--slices", set.slices, "measure at most so many slices, of both sides")
      ->check(CLI::Range(std::uint64_t{2}, std::uint64_t{100'000}));
  command->add_option("--slice-time", set.slice_time, "how long one slice is")
      ->capture_default_str();
  command->add_option("--warmup", set.warmup, "of each side, before anything counts")
      ->capture_default_str();
  command->add_option("--max-time", set.time_max, "measure at most so long")->capture_default_str();
  command->add_option("--spending", set.gate.spending, "how alpha is spent over the looks")
      ->check(CLI::IsMember({"pocock", "obrien-fleming"}))
      ->capture_default_str();
  add_rate_flags(*command, set.plan, "poisson");
  add_plan_flags(*command, set.plan);
  add_gate_flags(*command, set.gate);
  command->footer(
      "A pair is four slices, ABBA or BAAB by a fair coin, its members with the same schedule. "
      "Ten\n"
      "pairs are the least; it ends when every metric is sure, or one is surely worse. A change "
      "of\n"
      "just what is allowed is never sure: to find 5 %, allow less (--min-effect p50=2.5%).\n\n"
      "Exit codes: 0 PASS, surely no worse than is allowed; 1 REGRESSION, surely worse; 2 usage;\n"
      "3 INCONCLUSIVE, neither is sure; 4 the generator was too late too often; 5 unreachable.\n\n"
      "Examples (--a-cmd and --b-cmd start what you have built):\n"
      "  loadgen ab --a-cmd 'loadgen serve --bind 127.0.0.1:0 --time 1ms --workers 64' \\\n"
      "      --b-cmd 'loadgen serve --bind 127.0.0.1:0 --time 2ms --workers 64' \\\n"
      "      -R 500/s -c 32 --slice-time 50ms --warmup 100ms --max-time 10s --metric p50\n"
      "  loadgen ab --a http://127.0.0.1:9001/ --b http://127.0.0.1:9002/ -R 500/s -c 32 --duet "
      "\\\n"
      "      --slice-time 100ms --warmup 100ms --max-time 4s --metric p50 --min-effect p50=50%");
  return command;
}

ExitCode ab(const std::vector<std::string>& command) {
  const AbFlags& flags = ab_flags();
  auto plan = read_plan(flags.plan);
  if (!plan) return ExitCode::kUsage;
  auto options = options_of(flags, *std::move(plan));
  if (!options) return fail(options.error());
  catch_signals();
  return measure(flags, *std::move(options), command);
}

}  // namespace headgate::loadgen
