// A bound on the calls in flight that finds its own level: a gate, and the rule that sets its
// limit.
#pragma once

#include <cstdint>
#include <memory>
#include <variant>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/resilience/aimd.hpp"
#include "headgate/resilience/gate.hpp"
#include "headgate/resilience/gradient.hpp"
#include "headgate/resilience/vegas.hpp"

namespace headgate::resilience {

/// The limit stays what it is: a bulkhead without a queue.
struct FixedLimit {
  std::uint32_t limit = 25;  ///< 1 to 1M
};

/// `enter` and the end of its permits are thread-safe; `done` is for one thread at a time. It does
/// not move and outlives its permits.
class AdaptiveConcurrency {
 public:
  using Config = std::variant<FixedLimit, Aimd::Config, Vegas::Config, Gradient::Config>;

  /// Fails with kInvalidConfig at the field that is out of its range; "limit" of a FixedLimit.
  [[nodiscard]] static Result<std::unique_ptr<AdaptiveConcurrency>> make(const Config& config);

  /// A place, or an empty permit if as many calls are in flight as the limit allows. See Gate.
  [[nodiscard]] Gate::Permit enter() noexcept { return gate_.enter(); }
  /// The call of `permit` has ended: gives its place back and lets the rule learn. An empty permit
  /// says nothing.
  void done(Gate::Permit permit, Duration rtt, bool dropped, Random& random) noexcept;

  [[nodiscard]] std::uint32_t limit() const noexcept { return gate_.limit(); }
  [[nodiscard]] std::uint32_t in_flight() const noexcept { return gate_.in_flight(); }

 private:
  using Rule = std::variant<FixedLimit, Aimd, Vegas, Gradient>;
  AdaptiveConcurrency(const Rule& rule, std::uint32_t limit) noexcept : gate_(limit), rule_(rule) {}

  Gate gate_;
  Rule rule_;
};

}  // namespace headgate::resilience
