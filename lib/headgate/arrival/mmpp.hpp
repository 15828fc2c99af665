// A Poisson process whose rate changes by itself (Markov-modulated): calm and bursts, day and
// night, on and off. The plain model of traffic that is burstier than Poisson.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "headgate/arrival/process.hpp"
#include "headgate/core/result.hpp"

namespace headgate::arrival {

/// The states are gone through in a circle, with an exponential stay in each; the first state is
/// drawn by its share of the time, so that the process is stationary from its first nanosecond.
struct MmppArrivals {
  struct State {
    Rate rate;      ///< 0 too
    Duration stay;  ///< mean
  };

  /// Fails with kInvalidArgument and the field in `where`. Requires 2 to 64 rates, at most one per
  /// nanosecond and not all 0, and as many stays above 0; between two requests at most a million
  /// changes of state, in the mean.
  [[nodiscard]] static Result<MmppArrivals> make(std::span<const Rate> rates,
                                                 std::span<const Duration> stays);

  [[nodiscard]] Rate rate() const noexcept;
  /// All rates scaled, the stays kept.
  [[nodiscard]] MmppArrivals at_rate(Rate rate) const;

  std::vector<State> states;
};

/// Exact: an exponential amount of work is worked off at the rate of each state. States and gaps
/// have streams of their own: another rate does not move the bursts.
class MmppSchedule {
 public:
  MmppSchedule(const MmppArrivals& arrivals, Random random);
  [[nodiscard]] Duration next() noexcept;

 private:
  struct State {
    double rate;  // per ns
    double stay;  // mean, ns
  };

  void enter(std::size_t state) noexcept;

  std::vector<State> states_;
  Random gaps_;
  Random stays_;
  Odometer odometer_;
  std::size_t state_ = 0;
  double left_ = 0;  // ns in this state
};

}  // namespace headgate::arrival
