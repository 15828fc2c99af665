// The scenario's declarations, for its loader. Its `gateway:` and `sweep:` are read by the loader
// itself: one may be another file, the other changes the tree that everything else is read from.
#pragma once

#include "headgate/config/form.hpp"
#include "headgate/config/scenario_config.hpp"
#include "headgate/config/sweep_form.hpp"

namespace headgate::config {

/// A scenario without what its gateway says.
struct WrittenScenario {
  ScenarioConfig config;
  WrittenSweep sweep;
};

[[nodiscard]] Form<WrittenScenario> scenario_form();

}  // namespace headgate::config
