// Arrivals in stages, one after the other: a ramp to a plateau, a spike, a pause.
#pragma once

#include <cstddef>
#include <variant>
#include <vector>

#include "headgate/arrival/process.hpp"
#include "headgate/core/result.hpp"

namespace headgate::arrival {

struct StagesArrivals {
  struct Stage {
    enum class Kind { kPoisson, kConstant, kRamp };

    Kind kind = Kind::kPoisson;
    Rate from;  ///< 0 too
    Rate to;    ///< at the end of the stage; of a ramp only, else the same
    Duration length;
  };

  /// Fails with kInvalidArgument and the field in `where`. Requires 1 to 10 000 stages with rates
  /// of at most one per nanosecond, not all 0, and lengths above 0, together at most 30 years.
  [[nodiscard]] static Result<StagesArrivals> make(std::vector<Stage> stages);

  /// The mean over all stages.
  [[nodiscard]] Rate rate() const noexcept;
  /// All rates scaled, the lengths kept.
  [[nodiscard]] StagesArrivals at_rate(Rate rate) const;

  std::vector<Stage> stages;
};

/// A Poisson process whose rate goes in a straight line from `from` to `to` over `length`, by
/// inversion of the integrated rate: for work w that is 2w / (a + sqrt(a² + 2bw)), where a is the
/// first rate and b its growth. Ends no earlier than `length`.
class RampSchedule {
 public:
  RampSchedule(const StagesArrivals::Stage& stage, Random random) noexcept;
  [[nodiscard]] Duration next() noexcept;

 private:
  double rate_;      // at the start, per ns
  double growth_;    // of the rate, per ns²
  double work_ = 0;  // requests that are due in the mean
  Random random_;
};

/// Each stage starts anew at its first nanosecond, with a stream of its own; after the last one
/// nothing comes.
class StagesSchedule {
 public:
  StagesSchedule(const StagesArrivals& arrivals, Random random);
  [[nodiscard]] Duration next() noexcept;

 private:
  using Inner = std::variant<ConstantSchedule, PoissonSchedule, RampSchedule>;

  [[nodiscard]] Inner inner_of(const StagesArrivals::Stage& stage) noexcept;

  std::vector<StagesArrivals::Stage> stages_;
  Random random_;
  std::size_t index_ = 0;  // of the stage under way
  Duration start_{};       // of that stage
  Inner inner_;
};

}  // namespace headgate::arrival
