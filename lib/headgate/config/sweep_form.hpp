// How a sweep is written: dimensions by name, each with its values or a range of them, and a
// constraint on their combinations.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "headgate/config/constraint.hpp"
#include "headgate/config/form.hpp"

namespace headgate::config {

/// One dimension as written; a value may be a whole tree.
struct WrittenDimension {
  /// What a variant puts where.
  using Settings = std::vector<std::pair<std::string, Node>>;

  std::string name;
  std::string path;                     ///< empty for "load" and for variants
  std::vector<Node> values;             ///< of variants: their names
  std::vector<Settings> variants = {};  ///< one for each value, or none at all
};

struct WrittenSweep {
  std::vector<WrittenDimension> dimensions;
  std::optional<Constraint> constraint;  ///< only about dimensions that there are
};

[[nodiscard]] Form<WrittenSweep> sweep_form();

}  // namespace headgate::config
