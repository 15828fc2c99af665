#include "fleet.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>
#include <vector>

#include "headgate/core/text.hpp"
#include "headgate/load/child.hpp"
#include "headgate/load/fleet/agent.hpp"
#include "headgate/load/fleet/assemble.hpp"
#include "headgate/load/fleet/workshop.hpp"
#include "headgate/load/second_json.hpp"
#include "headgate/net/event_loop.hpp"
#include "signals.hpp"
#include "watch.hpp"

namespace headgate::loadgen {
namespace {

namespace fleet = load::fleet;

struct FleetFlags {
  CLI::App* command = nullptr;
  std::uint32_t agents = 0;
  std::string join;
  bool local = false;
  std::string join_timeout = "30s";
  std::string slice;
  bool standby = false;
};

FleetFlags& fleet_flags() {
  static FleetFlags flags;
  return flags;
}

/// Flags that are the coordinator's own: what agents drive is in all others.
bool stays_here(const std::string& name) {
  constexpr std::array<std::string_view, 8> kOwn{"--agents",       "--join",  "--local",
                                                 "--join-timeout", "--slice", "--standby",
                                                 "--plan",         "--help"};
  const auto holds = [&name](const auto& flags) {
    return std::ranges::find(flags, name) != flags.end();
  };
  return holds(kOwn) || holds(fleet::kFileFlags);
}

/// The flags that were given, as an agent's process is to get them.
std::vector<std::string> flags_for_agents(const CLI::App& command) {
  std::vector<std::string> args;
  for (const CLI::Option* option : command.get_options()) {
    const std::string name =
        option->get_lnames().empty() ? option->get_name() : "--" + option->get_lnames().front();
    if (option->count() == 0 || stays_here(name)) continue;
    if (option->get_items_expected_max() == 0) {
      args.push_back(name);
      continue;
    }
    for (const std::string& value : option->results()) {
      std::string word = name.starts_with("--") ? name + "=" : std::string{};
      args.push_back(word.append(value));
    }
  }
  return args;
}

/// The run, drawn while it goes on.
Result<std::vector<fleet::Part>> coordinate(fleet::Link& link, const fleet::Orders& orders,
                                            const load::Job& job, bool progress) {
  Course course{job, progress};
  stats::Totals totals;
  const auto parts = fleet::coordinate(link, orders, interrupted,
                                       {.note =
                                            [&course](const std::string& line) {
                                              course.clear();
                                              std::fprintf(stderr, "%s\n", line.c_str());
                                            },
                                        .second =
                                            [&](const load::Second& second) {
                                              totals += second.totals;
                                              course.add(second, totals);
                                              course.show(std::chrono::seconds{course.seconds()},
                                                          totals.finished());
                                            }});
  course.clear();
  return parts;
}

/// Agents of this machine, as many as are asked for; they end after the run, or with this.
Result<std::vector<load::Child>> start_local_agents(std::uint32_t count, const std::string& bus,
                                                    const fleet::Workshop& workshop) {
  std::vector<load::Child> children;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  for (std::uint32_t i = 0; i < count; ++i) {
    auto child = load::Child::start(
        {program, "agent", "--join", bus, "--once", "--name", "local-" + std::to_string(i)},
        {.errors = workshop.file("agent-" + std::to_string(i))});
    if (!child) return std::unexpected(child.error());
    children.push_back(*std::move(child));
  }
  return children;
}

Result<fleet::Orders> orders_of(const load::Job& job, const std::string& plan_file) {
  const FleetFlags& flags = fleet_flags();
  const auto limit = parse_duration(flags.join_timeout);
  if (!limit) return std::unexpected(limit.error());
  if (job.connections < flags.agents) {
    return failed(Errc::kInvalidArgument, "--agents " + std::to_string(flags.agents),
                  "each agent needs a connection, and there are " +
                      std::to_string(job.connections) + ": raise -c");
  }
  fleet::Orders orders{.agents = flags.agents,
                       .args = flags_for_agents(*flags.command),
                       .plan_name = plan_file,
                       .plan_text = {},
                       .join_limit = *limit};
  if (!plan_file.empty()) {
    std::ostringstream text;
    text << std::ifstream{plan_file, std::ios::binary}.rdbuf();
    orders.plan_text = text.str();
  }
  return orders;
}

}  // namespace

void add_fleet_flags(CLI::App& run_command) {
  FleetFlags& set = fleet_flags();
  set.command = &run_command;
  run_command.add_option("--agents", set.agents, "share the schedule among this many agents")
      ->check(CLI::Range(1, 1000));
  run_command.add_option("--join", set.join,
                         "bus of the agents: tcp:HOST:PORT, where this listens, or "
                         "kafka:HOST:PORT[/TOPIC]");
  run_command.add_flag("--local", set.local, "start the agents on this machine");
  run_command
      .add_option("--join-timeout", set.join_timeout, "for all agents to join, and to be ready")
      ->capture_default_str();
  run_command.add_option("--slice", set.slice,
                         "run part I of N of the schedule only, such as 0/3 (agents do)");
  run_command.add_flag(
      "--standby", set.standby,
      "connect, print ready, start at the line `start UNIX_NS` on stdin, and print each "
      "second");
}

bool agents_wanted() { return fleet_flags().agents > 0; }

Result<void> take_slice(load::Job& job) {
  const std::string& text = fleet_flags().slice;
  if (text.empty()) return {};
  std::uint32_t index = 0;
  std::uint32_t of = 0;
  const char* const end = text.data() + text.size();
  const auto [slash, first] = std::from_chars(text.data(), end, index);
  const bool parted = first == std::errc{} && slash != end && *slash == '/';
  const auto second = parted ? std::from_chars(slash + 1, end, of) : std::from_chars_result{};
  if (!parted || second.ec != std::errc{} || second.ptr != end || index >= of) {
    return failed(Errc::kInvalidArgument, "--slice " + text, "a slice is written I/N, I from 0");
  }
  if (job.connections < of) {
    return failed(Errc::kInvalidArgument, "--slice " + text,
                  "there are fewer connections than slices");
  }
  job.take_slice(index, of);
  return {};
}

Result<void> let_go(load::Run& run) {
  TimePoint start = net::EventLoop::fresh_now() + std::chrono::milliseconds{5};
  if (fleet_flags().standby) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // no load without the agent that answers for it
    std::puts("ready");
    std::fflush(stdout);
    std::string word;
    std::int64_t at = 0;
    if (!(std::cin >> word >> at) || word != "start") {
      return failed(Errc::kInvalidArgument, "stdin", "expected `start UNIX_NS`");
    }
    start = TimePoint{Duration{at} - net::EventLoop::epoch()};
  }
  run.go(start);
  return {};
}

bool on_standby() { return fleet_flags().standby; }

void tell_seconds(load::Run& run) {
  std::size_t told = 0;
  while (!run.wait_for(std::chrono::milliseconds{100})) {
    if (interrupted()) run.interrupt();
    const auto fresh = seconds_over(run, told);
    if (!fresh) continue;
    told += fresh->seconds.size();
    std::puts((std::string{fleet::kSecondsMark} + load::to_line(fresh->seconds)).c_str());
    std::fflush(stdout);
  }
}

Result<load::Summary> run_with_agents(const load::Job& job, const std::string& plan_file,
                                      report::Manifest manifest, bool progress) {
  const FleetFlags& flags = fleet_flags();
  if (flags.join.empty() && !flags.local) {
    return failed(Errc::kInvalidArgument, "--agents",
                  "where do they join? give --join BUS, or --local to start them here");
  }
  auto orders = orders_of(job, plan_file);
  if (!orders) return std::unexpected(orders.error());
  const std::string bus = flags.join.empty() ? "tcp:127.0.0.1:0" : flags.join;
  auto link = fleet::join(bus, fleet::Role::kCoordinator);
  if (!link) return std::unexpected(link.error());
  std::fprintf(stderr, "agents join with: loadgen agent --join %s\n", (*link)->address().c_str());
  const fleet::Workshop workshop;
  std::vector<load::Child> children;
  if (flags.local) {
    auto started = start_local_agents(flags.agents, (*link)->address(), workshop);
    if (!started) return std::unexpected(started.error());
    children = *std::move(started);
  }
  const auto parts = coordinate(**link, *orders, job, progress);
  if (!parts) return std::unexpected(parts.error());
  return fleet::assemble(*parts, job, std::move(manifest));
}

}  // namespace headgate::loadgen
