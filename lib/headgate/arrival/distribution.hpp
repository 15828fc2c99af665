// How long things take, as a value: service times, think times, pauses.
//
// Every distribution draws by inversion, one uniform number per duration: long draws stay long when
// only a parameter changes, so two scenarios with one seed see the same customers. None uses
// std::*_distribution, whose results differ between standard libraries; logarithm and exponential
// are the C library's, one for all our compilers.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"

namespace headgate::stats {
class Histogram;
}

namespace headgate::arrival {

class Distribution {
 public:
  /// Always zero.
  Distribution() noexcept;

  // Each fails with kInvalidArgument and the name of the field in `where`. Durations are 0 to
  // kLongest unless said otherwise.

  [[nodiscard]] static Result<Distribution> constant(Duration value);
  /// Requires mean > 0.
  [[nodiscard]] static Result<Distribution> exponential(Duration mean);
  /// Every whole nanosecond of low..high alike. Requires low <= high.
  [[nodiscard]] static Result<Distribution> uniform(Duration low, Duration high);
  /// By its mean (> 0) and its coefficient of variation (0 to 100), deviation over mean.
  [[nodiscard]] static Result<Distribution> lognormal(Duration mean, double cv);
  /// By two of its quantiles. Requires 0 < p50 <= p99.
  [[nodiscard]] static Result<Distribution> lognormal_quantiles(Duration p50, Duration p99);
  /// Draws one of `samples`, each alike. At least one; cost: a sorted copy of them.
  [[nodiscard]] static Result<Distribution> empirical(std::span<const Duration> samples);
  /// Draws a bucket of `histogram` by its count, and evenly within it. Not from an empty one.
  [[nodiscard]] static Result<Distribution> empirical(const stats::Histogram& histogram);
  /// Draws one of the parts by its share, then a duration from it. The shares add up to 1 (± 1e-9).
  [[nodiscard]] static Result<Distribution> mix(
      std::span<const std::pair<Share, Distribution>> parts);

  /// The longest duration that a parameter may be, and that a draw is cut to: 30 years.
  static constexpr Duration kLongest = std::chrono::hours{24 * 365 * 30};

  /// The next duration, 0 to kLongest, rounded to whole nanoseconds. One draw from `random` (a mix:
  /// two). No allocation; about 15 ns, 70 from a histogram.
  [[nodiscard]] Duration sample(Random& random) const noexcept;

  /// The mean in nanoseconds, from the closed form (before rounding and cutting).
  [[nodiscard]] double mean_ns() const noexcept;
  /// Squared coefficient of variation, variance over mean squared; 0 if the mean is 0.
  [[nodiscard]] double cv2() const noexcept;

 private:
  struct Constant {
    Duration value;
  };
  struct Exponential {
    double mean;  // ns
  };
  struct Uniform {
    std::int64_t low;   // ns
    std::int64_t high;  // ns, included
  };
  struct Lognormal {
    double mu;  // of the logarithm of nanoseconds
    double sigma;
  };
  struct Samples;
  struct Buckets;
  struct Mix;
  // Tables never change, so copies share them.
  using Shape =
      std::variant<Constant, Exponential, Uniform, Lognormal, std::shared_ptr<const Samples>,
                   std::shared_ptr<const Buckets>, std::shared_ptr<const Mix>>;

  /// Of one draw: mean in ns, mean of the square in ns².
  struct Moments {
    double first;
    double second;
  };

  explicit Distribution(Shape shape) noexcept : shape_(std::move(shape)) {}
  [[nodiscard]] Moments moments() const noexcept;

  Shape shape_;
};

}  // namespace headgate::arrival
