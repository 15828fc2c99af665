#include "headgate/balance/random_choice.hpp"

#include "headgate/balance/available.hpp"

namespace headgate::balance {

std::optional<std::size_t> RandomChoice::pick(std::span<const Target> targets, const Call&,
                                              Random& random) noexcept {
  if (targets.empty()) return std::nullopt;
  // A draw among all that happens to hit an available one is uniform among the available ones; so
  // is the second draw, among their ranks.
  const std::size_t drawn = random.below(targets.size());
  if (targets[drawn].available) return drawn;
  const std::size_t count = available_count(targets);
  if (count == 0) return std::nullopt;
  return nth_available(targets, random.below(count));
}

}  // namespace headgate::balance
