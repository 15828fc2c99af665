// The shape shared by all load balancers: which target takes the next request.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "headgate/core/random.hpp"

namespace headgate::balance {

/// What a balancer may know of one target. The caller keeps an array of these up to date.
struct Target {
  std::uint32_t in_flight = 0;  ///< requests sent and not yet answered
  std::uint32_t weight = 1;     ///< read by weighted policies only
  bool available = true;        ///< false: never picked
};

/// A balancer is a value: no I/O, no clock, no threads; one thread at a time.
///
/// `pick` returns an index into `targets`, or nothing if none is available. `targets` may differ
/// from call to call in length and content. No allocation.
template <class B>
concept Policy =
    std::copyable<B> && requires(B balancer, std::span<const Target> targets, Random& random) {
      { balancer.pick(targets, random) } noexcept -> std::same_as<std::optional<std::size_t>>;
    };

}  // namespace headgate::balance
