// The shape shared by all load balancers: which target takes the next request.
//
// What is known of a target comes in three parts, by how often it changes. TargetInfo is the
// config's and changes with it; Target is what the host knows of this moment; what a policy has
// learned from answers (latencies, credits, tables) is the policy's own. All three are arrays with
// one entry per target in the same order, so an index names a target until the next rebuild, and
// its id names it for ever.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/time.hpp"

namespace headgate::balance {

/// The greatest weight of a target: products of weights, targets and shares then fit 64 bits.
inline constexpr std::uint32_t kWeightMax = 1'000'000;

/// What the config says of a target.
struct TargetInfo {
  std::uint64_t id = 0;        ///< who it is: id_of(its name); unique in a pool
  std::uint32_t weight = 1;    ///< 1 to kWeightMax; read by weighted policies only
  std::uint32_t locality = 0;  ///< how far away: 0 is here, greater is farther
};

/// The id of the target of this name; never 0. The same in every process.
[[nodiscard]] inline std::uint64_t id_of(std::string_view name) noexcept {
  const std::uint64_t hash = hash64(name);
  return hash == 0 ? 1 : hash;
}

/// What is known of a target at this moment. The host keeps an array of these up to date.
struct Target {
  std::uint32_t in_flight = 0;  ///< requests sent and not yet answered
  bool available = true;        ///< false: never picked
};

/// A request that needs a target.
struct Call {
  TimePoint now;
  std::uint64_t key = 0;     ///< what the hash policies hash: equal keys, equal target
  std::uint64_t sticky = 0;  ///< the id of the target that the caller asks for; 0: any. Pool only.
};

/// How a request ended.
struct Outcome {
  Duration latency{0};  ///< from sent to answered; >= 0
  bool failed = false;  ///< no answer, or one that blames the target: never counts as fast
};

/// A balancer is a value: no I/O, no clock, no threads; one thread at a time.
///
/// `rebuild` says which targets there are, before the first pick and after each change; what was
/// learned of a target that stays (by its id) is kept. It may allocate; nothing else does.
/// `pick` returns an index, or nothing if none is available. Requires: as many `targets` as
/// rebuild was given, in its order.
template <class B>
concept Policy =
    std::movable<B> && requires(B balancer, std::span<const TargetInfo> infos,
                                std::span<const Target> targets, const Call& call, Random& random) {
      balancer.rebuild(infos);
      { balancer.pick(targets, call, random) } noexcept -> std::same_as<std::optional<std::size_t>>;
    };

/// A policy that also learns from what it sent. The host calls `sent` after a pick it follows, and
/// `done` when that request has been answered or has failed; a request that was given up (the
/// client left) teaches nothing and has no `done`.
template <class B>
concept Learning =
    Policy<B> && requires(B balancer, std::size_t index, const Outcome& outcome, TimePoint now) {
      { balancer.done(index, outcome, now) } noexcept;
    };

}  // namespace headgate::balance
