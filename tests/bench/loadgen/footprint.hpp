// What a generator takes before it does anything: the time from its start to the first request on
// the wire, and the memory of a connection that waits.
#pragma once

#include <string>
#include <vector>

namespace headgate::study {

struct ColdStart {
  std::string name;
  std::vector<double> ms;  ///< of each round, from the start of the process
};

struct Footprint {
  std::vector<ColdStart> starts;  ///< the first is ours
  int few = 0;
  int many = 0;
  double few_kib = 0;  ///< resident, with so many connections open
  double many_kib = 0;
};

[[nodiscard]] Footprint measure_footprint(std::size_t rounds, int connections);
[[nodiscard]] std::string footprint_text(const Footprint& footprint);

}  // namespace headgate::study
