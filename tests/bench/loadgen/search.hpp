// `loadgen search` against a server of which theory knows the answer: M/M/1, p99 below a bound.
#pragma once

#include <string>

#include "headgate/stats/interval.hpp"

namespace headgate::study {

struct SearchCheck {
  stats::Estimate found;  ///< per second; confidence 0: no interval
  double truth = 0;       ///< per second
  double seconds = 0;
  double slices = 0;
  double late = 0;  ///< of the slices: not counted
};

[[nodiscard]] SearchCheck check_search(int seconds);
[[nodiscard]] std::string search_text(const SearchCheck& check);

}  // namespace headgate::study
