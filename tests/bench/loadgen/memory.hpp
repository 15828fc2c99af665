// Whether a long run needs more memory than a short one: its resident set, from the tenth second
// on.
#pragma once

#include <string>

namespace headgate::study {

struct Memory {
  int seconds = 0;
  int rate = 0;
  int connections = 0;
  double early_mib = 0;  ///< after a tenth of the run, ten seconds at most
  double last_mib = 0;
  double requests = 0;
  std::string verdict = {};
};

[[nodiscard]] Memory measure_memory(int seconds, int rate, int connections);
[[nodiscard]] std::string memory_text(const Memory& memory);

}  // namespace headgate::study
