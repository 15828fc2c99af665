#include "headgate/balance/two_choices.hpp"

#include "headgate/balance/draw.hpp"

namespace headgate::balance {

std::optional<std::size_t> TwoChoices::pick(std::span<const Target> targets, const Call&,
                                            Random& random) noexcept {
  return best_of_two(targets, random, [&](std::size_t a, std::size_t b) {
    return targets[a].in_flight < targets[b].in_flight;
  });
}

}  // namespace headgate::balance
