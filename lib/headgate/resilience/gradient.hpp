// A concurrency limit by the gradient of latency: the long-term average over the newest one.
//
//   g = clamp(tolerance * long / short, 1/2, 1)      L' = (1 - smoothing) L + smoothing (g L +
//   queue)
//
// While calls take what they used to take, up to `tolerance` times as long, g is 1 and the limit
// grows towards L + queue; when they take longer it falls by up to half of its `smoothing` share.
// The average is exponential over about `long_window` calls (the plain mean of the first ten), and
// a twentieth is cut off it with every call that is more than twice as fast, so that it forgets an
// overload quickly. A limit used by less than half does not grow: with a constant latency it comes
// to rest at about twice what is offered. The weak side: under a sustained load the average
// itself drifts up.
//
// Limits are kept in 2^-16, times in 2^-10 ns, all in integers.
//
// Source: Netflix concurrency-limits, Gradient2Limit.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/resilience/concurrency_limit.hpp"
#include "headgate/resilience/ratio.hpp"

namespace headgate::resilience {

/// One thread at a time.
class Gradient {
 public:
  struct Config {
    LimitRange range{.initial = 20, .min = 20, .max = 200};
    Share smoothing{0.2};             ///< above 0
    double tolerance = 1.5;           ///< 1 to 10
    std::uint32_t queue = 4;          ///< places more than the latency asks for; at most 1000
    std::uint32_t long_window = 600;  ///< calls; 11 to 1M
  };
  /// Fails with kInvalidConfig at "initial", "min", "max", "smoothing", "tolerance", "queue" or
  /// "long_window".
  [[nodiscard]] static Result<Gradient> make(const Config& config);

  /// The limit from now on. `dropped` is not looked at: a drop shows as latency. O(1).
  std::uint32_t update(const CallSample& sample) noexcept;
  [[nodiscard]] std::uint32_t limit() const noexcept {
    return static_cast<std::uint32_t>(limit_ >> kLimitBits);
  }

 private:
  static constexpr int kLimitBits = 16;
  static constexpr int kTimeBits = 10;
  explicit Gradient(const Config& config) noexcept;
  void average(std::int64_t rtt) noexcept;

  Config config_;
  Ratio smoothing_;
  Ratio tolerance_;
  std::int64_t limit_;      // in 2^-16
  std::int64_t long_ = 0;   // in 2^-10 ns
  std::int64_t calls_ = 0;  // in the plain mean, up to ten
};

}  // namespace headgate::resilience
