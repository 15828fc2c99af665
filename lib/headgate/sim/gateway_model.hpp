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
#include "headgate/ratelimit/catalog.hpp"
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
  };

  /// Runs the filters of the route that a request of `kind` takes. O(filters), no allocation.
  [[nodiscard]] Passage admit(std::uint32_t kind, TimePoint now) noexcept;

  /// A request of `kind` was answered: one event for each `publish` of its route.
  void answered(std::uint32_t kind) noexcept;

  /// Events per topic, in the order of the plan.
  [[nodiscard]] std::span<const std::uint64_t> published() const noexcept { return published_; }

 private:
  const Plan* plan_;
  std::vector<ratelimit::Limiter> limiters_;
  std::vector<std::vector<std::uint64_t>> keys_;  // by limiter, then by kind of request
  std::vector<std::uint64_t> published_;
};

}  // namespace headgate::sim
