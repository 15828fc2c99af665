// Requests that two parsers could read differently, or that carry what must end at a proxy, and
// what counts as safe for each.
#pragma once

#include <string>
#include <vector>

namespace headgate::study {

struct Case {
  std::string group;
  std::string name;
  std::string bytes;
  /// Empty: nothing of it may become a whole request upstream. Else: it may be passed on, but none
  /// of what reaches the upstream may contain this.
  std::string must_not_pass;
};

[[nodiscard]] std::vector<Case> cases();

}  // namespace headgate::study
