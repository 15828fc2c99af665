// How a sweep is written: dimensions by name, each with its values or a range of them, and a
// constraint on their combinations.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "headgate/config/constraint.hpp"
#include "headgate/config/form.hpp"

namespace headgate::config {

/// One dimension as written; a value may be a whole tree.
struct WrittenDimension {
  std::string name;
  std::string path;  ///< empty for "load"
  std::vector<Node> values;
};

struct WrittenSweep {
  std::vector<WrittenDimension> dimensions;
  std::optional<Constraint> constraint;  ///< only about dimensions that there are
};

[[nodiscard]] Form<WrittenSweep> sweep_form();

}  // namespace headgate::config
