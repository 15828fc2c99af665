// When requests are meant to be sent: pure iterators of intended times, shared by the load
// generator (real sockets) and the simulator (virtual time).
//
// A schedule knows nothing of what happened to the requests before: that is what makes the loop
// open, and a response time measured from the intended time honest. The closed loop, where each
// client waits for its answer and then thinks, is described here but driven by whoever has the
// answers.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <variant>

#include "headgate/arrival/distribution.hpp"
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

/// A Poisson process: independent exponential gaps, the first before the first request. What is
/// below a nanosecond is carried to the next gap, so that rounding does not change the rate.
class PoissonSchedule {
 public:
  PoissonSchedule(Rate rate, Random random) noexcept;
  [[nodiscard]] Duration next() noexcept;

 private:
  double gap_mean_;   // nanoseconds; 0: never
  double carry_ = 0;  // 0 to 1 ns
  std::int64_t at_ = 0;
  Random random_;
};

/// What a document says about arrivals.
struct ConstantArrivals {
  Rate rate;
};
struct PoissonArrivals {
  Rate rate;
};
/// `clients` clients, each: think, send, wait for the answer, and again.
struct ClosedArrivals {
  std::int64_t clients = 1;
  Distribution think;
};

struct Arrivals {
  std::variant<PoissonArrivals, ConstantArrivals, ClosedArrivals> shape;

  [[nodiscard]] bool is_closed() const noexcept {
    return std::holds_alternative<ClosedArrivals>(shape);
  }
  /// The closed loop, or null if the loop is open.
  [[nodiscard]] const ClosedArrivals* closed() const noexcept {
    return std::get_if<ClosedArrivals>(&shape);
  }
  /// The long-run rate; nothing for a closed loop, whose rate is what the answers make of it.
  [[nodiscard]] std::optional<Rate> rate() const noexcept;
  /// The same shape at another rate. Requires: an open loop.
  [[nodiscard]] Arrivals at_rate(Rate rate) const noexcept;
};

/// Any open schedule, chosen at run time.
class AnySchedule {
 public:
  /// The schedule of `arrivals`; `random` is its own stream. Requires: an open loop.
  AnySchedule(const Arrivals& arrivals, Random random) noexcept;
  [[nodiscard]] Duration next() noexcept;

 private:
  std::variant<PoissonSchedule, ConstantSchedule> schedule_;
};

static_assert(Schedule<ConstantSchedule> && Schedule<PoissonSchedule> && Schedule<AnySchedule>);

}  // namespace headgate::arrival
