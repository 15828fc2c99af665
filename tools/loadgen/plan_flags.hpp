// How requests are sent, for the commands that measure: flags that say so, over a plan if there is
// one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/load_plan.hpp"
#include "headgate/core/result.hpp"

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
  std::string arrival;  ///< what --arrival is without a word
  std::vector<std::string> headers;
  std::string method;
  std::string body;
  std::string timeout;
  std::optional<std::uint64_t> seed;
};

/// Adds --plan, -c, -t, -H, -m, -b, --timeout and --seed.
void add_plan_flags(CLI::App& command, PlanFlags& flags);
/// Adds -R and --arrival, which is `arrival` if it is not given.
void add_rate_flags(CLI::App& command, PlanFlags& flags, const std::string& arrival);

/// The plan of the file, an empty one without a file; complains and returns nothing if it is none.
[[nodiscard]] std::optional<config::LoadPlan> read_plan_file(const std::string& file);
/// Puts what the flags say over the plan.
[[nodiscard]] Result<void> apply_plan_flags(const PlanFlags& flags, config::LoadPlan& plan);
/// Both: the plan that the flags make, without targets unless a file has some; complains and
/// returns nothing if they make none.
[[nodiscard]] std::optional<config::LoadPlan> read_plan(const PlanFlags& flags);
/// Each --url, in place of the plan's targets. Fails if there are none then.
[[nodiscard]] Result<void> put_targets(const std::vector<std::string>& urls,
                                       config::LoadPlan& plan);

}  // namespace headgate::loadgen
