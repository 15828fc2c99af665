// How much a generator can send: requests per second and its own CPU time for each, 64 keep-alive
// connections on one core, against a server that costs less; with and without pipelining.
#pragma once

#include <string>
#include <vector>

#include "contestant.hpp"
#include "headgate/stats/interval.hpp"

namespace headgate::study {

struct CapacityRow {
  std::string name;
  std::vector<Outing> rounds;
  std::optional<double> syscalls = {};  ///< per request, counted under strace
};

struct Capacity {
  std::vector<CapacityRow> plain;      ///< the first is ours
  std::vector<CapacityRow> pipelined;  ///< the same
};

[[nodiscard]] Capacity measure_capacity(std::size_t rounds, int seconds);
[[nodiscard]] std::string capacity_text(const Capacity& capacity);
[[nodiscard]] std::string capacity_csv(const Capacity& capacity);

}  // namespace headgate::study
