// How long things take, as a value: service times, think times, pauses.
//
// Every distribution draws by inversion, one uniform number per duration: long draws stay long when
// only a parameter changes, so two scenarios with one seed see the same customers. (The
// hyperexponential takes its phase and the duration within it from the one number.) None uses
// std::*_distribution, whose results differ between standard libraries, nor their logarithm and
// exponential: see elementary.hpp.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <variant>

#include "headgate/arrival/logarithm.hpp"
#include "headgate/arrival/pareto.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"

namespace headgate::stats {
class Histogram;
}

namespace headgate::arrival {

class GammaQuantile;

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
  /// The sum of `stages` (1 to 1000) exponentials alike. Requires mean > 0.
  [[nodiscard]] static Result<Distribution> erlang(Duration mean, std::int64_t stages);
  /// One of two exponentials, each of which contributes half of the mean (balanced means). Requires
  /// mean > 0 and cv2 (variance over mean squared) from 1 to 10 000. Source: H. C. Tijms, "A First
  /// Course in Stochastic Models", 2003, appendix B.
  [[nodiscard]] static Result<Distribution> hyperexponential(Duration mean, double cv2);
  /// Requires mean > 0 and shape from 0.1 (long tail) over 1 (exponential) to 100 (narrow).
  [[nodiscard]] static Result<Distribution> weibull(Duration mean, double shape);
  /// Requires mean > 0 and cv2 (variance over mean squared) from 0.001 to 100.
  [[nodiscard]] static Result<Distribution> gamma(Duration mean, double cv2);
  /// Nothing above `max`. Requires 0 < mean < max and shape, the tail's exponent, 0.1 to 100.
  [[nodiscard]] static Result<Distribution> pareto(Duration mean, double shape, Duration max);
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
  /// two). No allocation; about 15 ns, 30 to 50 with a power or a table, 70 from a histogram.
  [[nodiscard]] Duration sample(Random& random) const noexcept {
    // The two of every queueing model are inline; the others cost more than a call.
    if (const auto* exponential = std::get_if<Exponential>(&shape_)) {
      return rounded(unit_exponential(random) * exponential->mean);
    }
    if (const auto* constant = std::get_if<Constant>(&shape_)) return constant->value;
    return sample_other(random);
  }

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
  struct Hyperexponential {
    double first_share;
    double first_mean;   // ns
    double second_mean;  // ns
  };
  struct Weibull {
    double scale;  // ns
    double inverse_shape;
  };
  struct Gamma {
    double mean;  // ns
    double cv2;
    std::shared_ptr<const GammaQuantile> quantile;
  };
  struct Samples;
  struct Buckets;
  struct Mix;
  // Tables never change, so copies share them.
  using Shape = std::variant<Constant, Exponential, Uniform, Lognormal, Hyperexponential, Weibull,
                             Gamma, BoundedPareto, std::shared_ptr<const Samples>,
                             std::shared_ptr<const Buckets>, std::shared_ptr<const Mix>>;

  /// Of one draw: mean in ns, mean of the square in ns².
  struct Moments {
    double first;
    double second;
  };

  explicit Distribution(Shape shape) noexcept : shape_(std::move(shape)) {}
  [[nodiscard]] static double draw(const Hyperexponential& h, double u) noexcept;
  [[nodiscard]] Duration sample_other(Random& random) const noexcept;
  /// To the nearest nanosecond, at most kLongest. Requires: ns >= 0.
  [[nodiscard]] static Duration rounded(double ns) noexcept {
    constexpr auto kMost = static_cast<double>(kLongest.count());
    const double up = (ns < kMost ? ns : kMost) + 0.5;  // a call of llround costs more than a draw
    return Duration{static_cast<std::int64_t>(up)};
  }
  [[nodiscard]] Moments moments() const noexcept;

  Shape shape_;
};

}  // namespace headgate::arrival
