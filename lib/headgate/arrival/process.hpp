// The two simplest ways for requests to come, and what all schedules are made of.
#pragma once

#include <concepts>
#include <cstdint>

#include "headgate/arrival/logarithm.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"

namespace headgate::arrival {

/// next() is the offset of the next request from the start of the run; it never goes back. kNever:
/// no more will come.
template <class S>
concept Schedule = std::movable<S> && requires(S schedule) {
  { schedule.next() } noexcept -> std::same_as<Duration>;
};

/// Adds up gaps. What is below a nanosecond is carried to the next gap, so that rounding does not
/// change the rate.
class Odometer {
 public:
  /// The offset `gap_ns` (0 or more) later; kNever, then and ever after, if the clock ends before.
  [[nodiscard]] Duration advance(double gap_ns) noexcept {
    const double gap = gap_ns + carry_;
    if (at_ == kNever.count() || gap >= static_cast<double>(kNever.count() - at_)) {
      at_ = kNever.count();
      return kNever;
    }
    const auto whole = static_cast<std::int64_t>(gap);
    carry_ = gap - static_cast<double>(whole);
    at_ += whole;
    return Duration{at_};
  }

 private:
  std::int64_t at_ = 0;  // ns
  double carry_ = 0;     // 0 to 1 ns
};

/// The rate nearest to `per_second` (0 or more) that two integers give, to six digits or better.
[[nodiscard]] Rate nearest_rate(double per_second) noexcept;

/// For arithmetic of schedules.
[[nodiscard]] inline double per_ns(const Rate& rate) noexcept {
  return static_cast<double>(rate.count) / static_cast<double>(rate.per.count());
}

/// Evenly spaced: request i (0, 1, 2 …) at floor(i * per / count) nanoseconds, in integers, so that
/// it does not drift: the half-open interval [0, D) holds exactly rate * D requests, rounded up.
class ConstantSchedule {
 public:
  explicit ConstantSchedule(Rate rate) noexcept : rate_(rate) {}
  [[nodiscard]] Duration next() noexcept;

 private:
  Rate rate_;
  std::int64_t index_ = 0;  // of the next request
};

/// A Poisson process: independent exponential gaps, the first before the first request.
class PoissonSchedule {
 public:
  PoissonSchedule(Rate rate, Random random) noexcept;
  [[nodiscard]] Duration next() noexcept {
    if (gap_mean_ == 0) return kNever;
    return odometer_.advance(unit_exponential(random_) * gap_mean_);
  }

 private:
  double gap_mean_;  // nanoseconds; 0: never
  Odometer odometer_;
  Random random_;
};

struct ConstantArrivals {
  Rate rate;
};
struct PoissonArrivals {
  Rate rate;
};

}  // namespace headgate::arrival
