// How much a generator can send: requests per second and its own CPU time for each, 64 keep-alive
// connections on one core, against a server that costs less; with and without pipelining.
#pragma once

#include <string>
#include <vector>

#include "contest.hpp"

namespace headgate::study {

struct Capacity {
  std::vector<Standing> plain;      ///< the first is ours
  std::vector<Standing> pipelined;  ///< the same
};

[[nodiscard]] Capacity measure_capacity(std::size_t rounds, int seconds);
[[nodiscard]] std::string capacity_text(const Capacity& capacity);
[[nodiscard]] std::string capacity_csv(const Capacity& capacity);

}  // namespace headgate::study
