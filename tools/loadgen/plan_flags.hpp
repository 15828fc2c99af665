// How requests are sent, for the commands that measure many times: the flags of `run` that say so,
// over a plan if there is one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/load_plan.hpp"

// The library calls itself so.
namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace headgate::loadgen {

struct PlanFlags {
  std::string plan;
  std::optional<std::uint32_t> connections;
  std::optional<std::uint32_t> threads;
  std::string rate;
  std::string arrival = "poisson";
  std::vector<std::string> headers;
  std::string method;
  std::string body;
  std::string timeout;
  std::optional<std::uint64_t> seed;
};

/// Adds --plan, -c, -t, -H, -m, -b, --timeout and --seed.
void add_plan_flags(CLI::App& command, PlanFlags& flags);
/// Adds -R and --arrival.
void add_rate_flags(CLI::App& command, PlanFlags& flags);
/// The plan that the flags make, without targets unless a file has some; complains and returns
/// nothing if they make none.
[[nodiscard]] std::optional<config::LoadPlan> read_plan(const PlanFlags& flags);
/// Ends what runs at SIGINT and SIGTERM, if it asks `interrupted()`.
void catch_signals();
[[nodiscard]] bool interrupted() noexcept;

}  // namespace headgate::loadgen
