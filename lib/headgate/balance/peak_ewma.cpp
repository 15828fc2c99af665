#include "headgate/balance/peak_ewma.hpp"

#include "headgate/balance/draw.hpp"

namespace headgate::balance {

std::optional<std::size_t> PeakEwma::pick(std::span<const Target> targets, const Call& call,
                                          Random& random) noexcept {
  return best_of_two(targets, random, [&](std::size_t a, std::size_t b) {
    return latencies_.load(a, targets[a].in_flight, call.now) <
           latencies_.load(b, targets[b].in_flight, call.now);
  });
}

}  // namespace headgate::balance
