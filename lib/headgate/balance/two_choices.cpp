#include "headgate/balance/two_choices.hpp"

#include "headgate/balance/available.hpp"

namespace headgate::balance {
namespace {

/// Two distinct numbers below `count`, each ordered pair equally likely. Requires: count >= 2.
std::pair<std::size_t, std::size_t> distinct_pair(std::size_t count, Random& random) noexcept {
  const std::size_t first = random.below(count);
  const std::size_t second = random.below(count - 1);  // among the others: skip over the first
  return {first, second >= first ? second + 1 : second};
}

}  // namespace

std::optional<std::size_t> TwoChoices::pick(std::span<const Target> targets, const Call&,
                                            Random& random) noexcept {
  const auto less_loaded = [&](std::size_t first, std::size_t second) {
    return targets[second].in_flight < targets[first].in_flight ? second : first;
  };
  if (targets.size() >= 2) {
    // A pair among all that happens to be available is uniform among the available pairs.
    const auto [first, second] = distinct_pair(targets.size(), random);
    if (targets[first].available && targets[second].available) return less_loaded(first, second);
  }
  const std::size_t count = available_count(targets);
  if (count == 0) return std::nullopt;
  if (count == 1) return nth_available(targets, 0);
  const auto [first, second] = distinct_pair(count, random);
  return less_loaded(nth_available(targets, first), nth_available(targets, second));
}

}  // namespace headgate::balance
