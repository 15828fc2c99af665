#include "plan_flags.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "commands.hpp"
#include "flag_values.hpp"
#include "headgate/arrival/catalog.hpp"
#include "headgate/core/text.hpp"

namespace headgate::loadgen {
namespace {

bool is_document(std::string_view name) {
  constexpr std::array<std::string_view, 3> kEnds{".yaml", ".yml", ".json"};
  return std::ranges::any_of(kEnds, [name](std::string_view end) { return name.ends_with(end); });
}

/// -m, -b and -H speak of every request of the plan.
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
  command.add_option("--seed", flags.seed, "of the schedule and all choices (default: 1)");
}

void add_rate_flags(CLI::App& command, PlanFlags& flags, const std::string& arrival) {
  flags.arrival = arrival;
  command.add_option("-R,--rate", flags.rate,
                     "open loop at this rate, such as 300/s (default: closed loop)");
  command
      .add_option("--arrival", flags.arrival,
                  "how the open loop's requests come; --plan has too: " + arrivals_of_plans())
      ->check(CLI::IsMember(arrival::open_arrivals()))
      ->capture_default_str();
}

std::optional<config::LoadPlan> read_plan_file(const std::string& file) {
  if (file.empty()) return config::LoadPlan{};
  return accept(config::load_plan_file(file));
}

Result<void> apply_plan_flags(const PlanFlags& flags, config::LoadPlan& plan) {
  if (flags.connections) plan.connections = *flags.connections;
  if (flags.threads) plan.threads = *flags.threads;
  if (flags.seed) plan.seed = *flags.seed;
  for (const Result<void>& put_one :
       {put("--timeout", flags.timeout, parse_duration, plan.timeout), put_requests(flags, plan),
        put_arrivals(flags.rate, flags.arrival, plan.arrivals)}) {
    if (!put_one) return put_one;
  }
  return {};
}

std::optional<config::LoadPlan> read_plan(const PlanFlags& flags) {
  auto plan = read_plan_file(flags.plan);
  if (!plan) return std::nullopt;
  const auto applied = apply_plan_flags(flags, *plan);
  if (applied) return plan;
  complain(applied.error());
  return std::nullopt;
}

Result<void> put_targets(const std::vector<std::string>& urls, config::LoadPlan& plan) {
  if (!urls.empty()) plan.targets.clear();
  for (const std::string& url : urls) {
    auto target = config::parse_target(url);
    if (!target && is_document(url)) {
      return failed(Errc::kInvalidArgument, url, "is no URL; a plan is read by --plan " + url);
    }
    if (!target) return std::unexpected(target.error());
    plan.targets.push_back(*std::move(target));
  }
  if (!plan.targets.empty()) return {};
  return failed(Errc::kInvalidArgument, "", "where to? give --url URL or --plan FILE");
}

}  // namespace headgate::loadgen
