// The gateway on virtual time: which service a request reaches, or why none.
//
// Routes were found by the production router when the plan was made; here the filters run in the
// order of the config, and the limiters that decide are the very objects of the running gateway,
// made through the same catalog and fed the engine's time. Fed the same times and callers, the two
// give the same answers one by one (tests/unit/sim/parity_test.cpp).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/ratelimit/chain.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

class GatewayModel {
 public:
  /// Requires: a plan whose limiters make() accepts; it outlives the model.
  GatewayModel(const Plan& plan, std::uint64_t seed);

  enum class Verdict : std::uint8_t {
    kAdmitted,
    kRefused,  ///< a limiter said no: 429
    kNoRoute,  ///< 404 or 405
  };
  struct Passage {
    Verdict verdict = Verdict::kAdmitted;
    std::uint32_t service = 0;  ///< of kAdmitted
    Duration delay{};           ///< of kAdmitted: a leaky_queue holds it for so long
  };

  /// Runs the filters of the route that a request of `kind` takes. A refusal spends nothing, also
  /// in the filters before the one that refuses. O(filters), no allocation.
  [[nodiscard]] Passage admit(std::uint32_t kind, TimePoint now) noexcept;

  /// The gateway is done with an admitted request of `kind`: gives back its places in limits of
  /// concurrency.
  void release(std::uint32_t kind) noexcept;

  /// A request of `kind` was answered: one event for each `publish` of its route.
  void answered(std::uint32_t kind) noexcept;

  /// Events per topic, in the order of the plan.
  [[nodiscard]] std::span<const std::uint64_t> published() const noexcept { return published_; }

 private:
  /// The limits of one filter, and whom they count each kind of request under.
  struct Filter {
    ratelimit::Chain chain;
    std::vector<std::vector<std::uint64_t>> keys;  // by kind, then by limit
  };
  [[nodiscard]] Filter make_filter(std::span<const LimiterPlan> plans, std::size_t number,
                                   std::uint64_t seed);

  const Plan* plan_;
  std::vector<std::vector<Filter>> routes_;  // by route, in the order of its filters
  std::vector<std::uint64_t> published_;
};

}  // namespace headgate::sim
