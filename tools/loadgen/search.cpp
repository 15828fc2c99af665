// `loadgen search`: the highest rate that keeps a promise.
#include "headgate/load/search.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "flag_values.hpp"
#include "headgate/core/text.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/manifest.hpp"
#include "headgate/report/table.hpp"
#include "plan_flags.hpp"
#include "signals.hpp"

namespace headgate::loadgen {
namespace {

constexpr std::uint32_t kSearchConnections = 64;

struct SearchFlags {
  std::string slo;
  std::vector<std::string> urls;
  std::string time_max = "90s";
  std::string start = "100/s";
  std::string most = "1M/s";
  std::string json;
  PlanFlags plan;
};

SearchFlags& search_flags() {
  static SearchFlags flags;
  return flags;
}

Result<double> parse_search_rate(const std::string& text) {
  const auto rate = parse_flag_rate(text);
  if (!rate) return std::unexpected(rate.error());
  if (rate->per_second() < 1) {
    return failed(Errc::kInvalidArgument, text, "a search tries no rate below 1/s");
  }
  return rate->per_second();
}

Result<load::SearchOptions> options_for(const SearchFlags& flags, config::LoadPlan plan) {
  load::SearchOptions options;
  options.plan = std::move(plan);
  if (flags.plan.plan.empty() && !flags.plan.connections) {
    options.plan.connections = kSearchConnections;
  }
  for (const Result<void>& put_one :
       {put_targets(flags.urls, options.plan),
        put("--max-time", flags.time_max, parse_duration, options.time_max),
        put("--start-rate", flags.start, parse_search_rate, options.start),
        put("--max-rate", flags.most, parse_search_rate, options.most)}) {
    if (!put_one) return std::unexpected(put_one.error());
  }
  auto slo = stats::parse_expectation(flags.slo);
  if (!slo) return std::unexpected(slo.error());
  options.slo = *std::move(slo);
  if (options.start > options.most) {
    return failed(Errc::kInvalidArgument, flags.start, "is above --max-rate");
  }
  return options;
}

bool show(const load::SearchProgress& progress) {
  std::fprintf(stderr, "\r%4lld s  trying %s, highest %s ",
               static_cast<long long>(
                   std::chrono::duration_cast<std::chrono::seconds>(progress.elapsed).count()),
               report::human_rate(progress.rate).c_str(),
               report::human_rate(progress.highest.value).c_str());
  return !interrupted();
}

ExitCode refuse(const Error& error) {
  complain(error);
  return error.code == Errc::kUnavailable ? ExitCode::kUnreachable : ExitCode::kUsage;
}

}  // namespace

CLI::App* add_search(CLI::App& app) {
  CLI::App* command = app.add_subcommand("search", "the highest rate that keeps a promise");
  SearchFlags& set = search_flags();
  command->add_option("--slo", set.slo, "the promise, such as 'response_time.p99 < 20ms'")
      ->required();
  command->add_option("--url,url", set.urls, "target, http://HOST:PORT/PATH; may be repeated");
  command->add_option("--max-time", set.time_max, "search at most so long")->capture_default_str();
  command->add_option("--start-rate", set.start, "the first rate")->capture_default_str();
  command->add_option("--max-rate", set.most, "try no more than this")->capture_default_str();
  command->add_option("--json", set.json, "write the answer and all slices to this file");
  add_plan_flags(*command, set.plan);
  command->footer(
      "Poisson load, with 64 connections unless -c or a plan says otherwise. A request that "
      "failed,\n"
      "was refused or not sent counts as too slow. `sim capacity` answers the same of a "
      "scenario.\n\n"
      "Exit codes: 0 answered; 1 the promise does not hold even at 1/s; 2 usage; 3 the time, or "
      "the\n"
      "generator, was not enough for an interval; 5 unreachable.\n\n"
      "Examples (beside `loadgen serve --bind 127.0.0.1:9001 --time exponential:0.5ms`):\n"
      "  loadgen search --slo 'response_time.p99 < 20ms' --url http://127.0.0.1:9001/\n"
      "  loadgen search --slo 'response_time.mean < 5ms' --url http://127.0.0.1:9001/ \\\n"
      "      --start-rate 1000/s --max-rate 4000/s --max-time 30s --json search.json");
  return command;
}

ExitCode search(const std::vector<std::string>& command) {
  const SearchFlags& flags = search_flags();
  auto plan = read_plan(flags.plan);
  if (!plan) return ExitCode::kUsage;
  const auto options = options_for(flags, *std::move(plan));
  if (!options) return refuse(options.error());
  catch_signals();
  nlohmann::ordered_json document{{"format", "headgate.search/1"}};
  document["manifest"] = report::manifest_json(report::collect_manifest(command));
  const bool terminal = isatty(STDERR_FILENO) == 1;
  const auto found = load::run_search(*options, [terminal](const load::SearchProgress& progress) {
    return terminal ? show(progress) : !interrupted();
  });
  if (terminal) std::fprintf(stderr, "\r\033[K");
  if (!found) return refuse(found.error());
  std::fputs(load::search_text(*options, *found).c_str(), stdout);
  if (!flags.json.empty()) {
    document.update(load::search_json(*options, *found));
    const auto written = report::write_file(flags.json, report::to_text(document));
    if (!written) return refuse(written.error());
  }
  return load::exit_code(*found);
}

}  // namespace headgate::loadgen
