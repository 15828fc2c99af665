// The scenario's declarations, for its loader. Its `gateway:` and `sweep:` are read by the loader
// itself: one may be another file, the other changes the tree that everything else is read from.
#pragma once

#include <string>
#include <vector>

#include "headgate/config/form.hpp"
#include "headgate/config/scenario_config.hpp"

namespace headgate::config {

/// One dimension as written; a value may be a whole tree.
struct WrittenDimension {
  std::string name;
  std::string path;  ///< empty for "load"
  std::vector<Node> values;
};

/// A scenario without what its gateway says.
struct WrittenScenario {
  ScenarioConfig config;
  std::vector<WrittenDimension> sweep;
};

[[nodiscard]] Form<WrittenScenario> scenario_form();

}  // namespace headgate::config
