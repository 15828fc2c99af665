// The cases of `sim theory`: scenarios as users write them, with figures whose exact values are
// known in closed form. One unit of service is a millisecond in all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace headgate::sim::theory {

/// One case: a figure of a scenario and what it must be.
struct Claim {
  std::string figure;    ///< as expectations name it
  double exact = 0;      ///< in the figure's unit
  double tolerance = 0;  ///< most half-width of the estimate's interval, in the same unit
};

/// What several scenarios have in common.
struct Family {
  std::string name;
  std::string formula;  ///< what the exact values are
  std::string source;
};

/// A scenario and what is known of it.
struct Setup {
  Family family;
  std::string name;
  std::string scenario;  ///< YAML
  std::vector<Claim> claims;
  bool quick = false;  ///< one of the few that stand for all when time is short
};

/// All of them, in the order in which they are shown. The chains of Markov among the exact values
/// take some tenths of a second.
[[nodiscard]] std::vector<Setup> all_setups();

}  // namespace headgate::sim::theory
