// What a generator adds to the latency that it reports: its mean at a thousand requests a second on
// one connection, less that of a client which does nothing but send on time and poll its socket.
#pragma once

#include <string>
#include <vector>

namespace headgate::study {

/// Mean latency in us of one generator, in each round.
struct BiasRow {
  std::string name;
  std::vector<double> mean_us;
};

/// The first row is the reference, the second ours. The generators take turns.
[[nodiscard]] std::vector<BiasRow> measure_bias(std::size_t rounds, int seconds);
[[nodiscard]] std::string bias_text(const std::vector<BiasRow>& rows);

}  // namespace headgate::study
