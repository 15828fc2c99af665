// A simulator's scenario as a load plan: the same arrivals, requests, timeout and expectations, so
// that what `sim run` predicts can be measured.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headgate/config/load_plan.hpp"

namespace headgate::loadgen {

struct ScenarioChoice {
  std::string file;
  std::string at;                ///< `load=0.9,policy=random`: the point of the sweep
  std::vector<std::string> set;  ///< PATH=VALUE
};

/// The plan, without targets; nothing after saying on stderr why not. What a load generator cannot
/// do as the simulator does (retries, say), or does not measure, is said on stderr too.
[[nodiscard]] std::optional<config::LoadPlan> plan_of_scenario(const ScenarioChoice& choice);

}  // namespace headgate::loadgen
