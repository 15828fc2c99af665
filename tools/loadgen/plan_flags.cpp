#include "plan_flags.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <utility>

#include "commands.hpp"
#include "headgate/arrival/catalog.hpp"
#include "headgate/core/text.hpp"

namespace headgate::loadgen {
namespace {

volatile std::sig_atomic_t plan_signals = 0;

void on_plan_signal(int /*number*/) { plan_signals = plan_signals + 1; }

Result<void> put_requests(const PlanFlags& flags, config::LoadPlan& plan) {
  if (plan.requests.empty()) plan.requests.emplace_back();
  for (config::LoadRequest& request : plan.requests) {
    if (!flags.body.empty()) request.body = flags.body;
    if (!flags.body.empty() && request.method == "GET") request.method = "POST";
    if (!flags.method.empty()) request.method = flags.method;
    for (const std::string& text : flags.headers) {
      const std::size_t colon = text.find(':');
      if (colon == std::string::npos) {
        return failed(Errc::kInvalidArgument, text, "a header is written 'name: value'");
      }
      const std::size_t value = text.find_first_not_of(" \t", colon + 1);
      request.headers.emplace_back(text.substr(0, colon),
                                   value == std::string::npos ? "" : text.substr(value));
    }
  }
  return {};
}

Result<void> put_pace(const PlanFlags& flags, config::LoadPlan& plan) {
  if (flags.connections) plan.connections = *flags.connections;
  if (flags.threads) plan.threads = *flags.threads;
  if (flags.seed) plan.seed = *flags.seed;
  if (!flags.timeout.empty()) {
    const auto timeout = parse_duration(flags.timeout);
    if (!timeout) return std::unexpected(timeout.error());
    plan.timeout = *timeout;
  }
  if (flags.rate.empty()) return {};
  const auto rate = parse_rate(flags.rate);
  if (!rate) return std::unexpected(rate.error());
  if (rate->count == 0) {
    return failed(Errc::kInvalidArgument, flags.rate, "a rate is more than zero");
  }
  auto arrivals = arrival::make_arrivals(flags.arrival, *rate);
  if (!arrivals) return std::unexpected(arrivals.error());
  plan.arrivals = *std::move(arrivals);
  return {};
}

}  // namespace

void add_plan_flags(CLI::App& command, PlanFlags& flags) {
  command.add_option("--plan", flags.plan, "load plan, YAML or JSON; flags override it");
  command
      .add_option("-c,--connections", flags.connections, "clients, each with one request at a time")
      ->check(CLI::Range(1, 100'000));
  command.add_option("-t,--threads", flags.threads, "event loops")->check(CLI::Range(1, 256));
  command.add_option("-H,--header", flags.headers, "'name: value'; may be repeated");
  command.add_option("-m,--method", flags.method, "default: GET, with a body POST");
  command.add_option("-b,--body", flags.body, "of every request; {sequence} becomes its number");
  command.add_option("--timeout", flags.timeout, "from the intended time (default: 5s)");
  command.add_option("--seed", flags.seed, "of the schedules and all choices (default: 1)");
}

void add_rate_flags(CLI::App& command, PlanFlags& flags) {
  command.add_option("-R,--rate", flags.rate,
                     "open loop at this rate, such as 500/s (default: closed loop)");
  command.add_option("--arrival", flags.arrival, "how the open loop's requests come")
      ->check(CLI::IsMember(arrival::open_arrivals()))
      ->capture_default_str();
}

std::optional<config::LoadPlan> read_plan(const PlanFlags& flags) {
  config::LoadPlan plan;
  if (!flags.plan.empty()) {
    auto loaded = config::load_plan_file(flags.plan);
    for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
      std::fprintf(stderr, "%s\n", config::to_text(diagnostic).c_str());
    }
    if (!loaded.ok()) return std::nullopt;
    plan = std::move(loaded.value);
  }
  for (const Result<void>& put : {put_requests(flags, plan), put_pace(flags, plan)}) {
    if (put) continue;
    complain(put.error());
    return std::nullopt;
  }
  return plan;
}

void catch_signals() {
  struct sigaction action{};
  action.sa_handler = on_plan_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool interrupted() noexcept { return plan_signals > 0; }

}  // namespace headgate::loadgen
