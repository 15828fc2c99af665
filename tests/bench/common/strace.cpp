#include "common/strace.hpp"

#include <sstream>

#include "support/process.hpp"

namespace headgate::study {

std::optional<double> calls_counted(const std::string& file) {
  // The last line is `100.00 0.178 6 26484 12 total`.
  std::istringstream lines{test::read_file(file)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.ends_with(" total")) continue;
    std::istringstream words{line};
    double share = 0;
    double seconds = 0;
    double us_per_call = 0;
    double calls = 0;
    if (words >> share >> seconds >> us_per_call >> calls) return calls;
  }
  return std::nullopt;
}

}  // namespace headgate::study
