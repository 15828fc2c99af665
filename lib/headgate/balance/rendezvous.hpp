// Rendezvous: a key goes to the target with the highest score for it, where scores are hashes of
// key and target ("highest random weight").
//
// Nothing is built and nothing is stored: when a target leaves, each of its keys goes to its own
// second best, and no other key moves, exactly. Shares are those of fair hashes, so they scatter
// less than a ring's. The price is a look at every target; take maglev for thousands.
//
// With weights, the score of a hash u in (0, 1) is weight / -log(u), which gives each target its
// share exactly; in integers, so that it is the same on every machine. Where all weights are equal,
// the order of the scores is that of the hashes, and no logarithm is taken.
//
// Source: D. Thaler, C. Ravishankar, IEEE/ACM Trans. Networking 6(1), 1998; weights after
// C. Schindelhauer, G. Schomaker, SPAA 2005.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class Rendezvous {
 public:
  void rebuild(std::span<const TargetInfo> infos);

  /// Draws nothing. O(targets).
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

 private:
  [[nodiscard]] std::optional<std::size_t> heaviest(std::span<const Target> targets,
                                                    std::uint64_t key) const noexcept;

  std::vector<std::uint64_t> seeds_;  // one per target: of its id
  std::vector<std::uint32_t> weights_;
  bool equal_ = true;
};

static_assert(Policy<Rendezvous>);

}  // namespace headgate::balance
