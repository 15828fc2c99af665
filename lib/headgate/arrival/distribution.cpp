#include "headgate/arrival/distribution.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "headgate/arrival/elementary.hpp"
#include "headgate/arrival/gamma_quantile.hpp"
#include "headgate/arrival/normal.hpp"
#include "headgate/core/text.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::arrival {
namespace {

constexpr double kCvMax = 100;
constexpr double kSpreadMax = 1e6;  // p99 over p50 of a lognormal

/// Uniform in (0, 1), both ends left out: a logarithm or a normal quantile exists for all of them.
double open_uniform(Random& random) noexcept {
  return (static_cast<double>(random.bits() >> 12) + 0.5) * 0x1.0p-52;
}

std::unexpected<Error> wrong_field(std::string field, std::string why) {
  return failed(Errc::kInvalidArgument, std::move(field), std::move(why));
}

bool in_range(Duration value) noexcept {
  return value >= Duration{} && value <= Distribution::kLongest;
}

std::unexpected<Error> out_of_range(std::string field) {
  return wrong_field(std::move(field), "must be from 0s to " + to_text(Distribution::kLongest));
}

/// What is wrong with a mean, if anything is: all that are asked for by their mean need one.
Result<double> checked_mean(Duration mean) {
  if (!in_range(mean)) return out_of_range("mean");
  if (mean == Duration{}) return wrong_field("mean", "must be above 0");
  return static_cast<double>(mean.count());
}

constexpr std::int64_t kStagesMax = 1000;
constexpr double kGammaCv2Min = 0.001;
constexpr double kGammaCv2Max = 100;
constexpr double kHyperexponentialCv2Max = 10'000;
constexpr double kShapeMin = 0.1;  // of a Weibull and a Pareto
constexpr double kShapeMax = 100;

bool shape_in_range(double shape) noexcept { return shape >= kShapeMin && shape <= kShapeMax; }

/// Uniform in [0, 1) to exponential with the mean one.
double exponential_of(double u) noexcept { return -natural_log(1 - u); }

double gamma_of(double x) noexcept { return natural_exp(log_gamma(x)); }

double square(double x) noexcept { return x * x; }

/// One visitor out of one lambda per shape.
template <class... Functions>
struct Overload : Functions... {
  using Functions::operator()...;
};

}  // namespace

/// Sorted, so that a greater uniform number is a longer duration.
struct Distribution::Samples {
  std::vector<Duration> sorted;
  Moments moments;
};

struct Distribution::Buckets {
  struct Bucket {
    std::int64_t low;
    std::int64_t width;    // of values, at least 1
    std::uint64_t before;  // counts of all lower buckets
    std::uint64_t count;
  };

  [[nodiscard]] Duration draw(Random& random) const noexcept {
    const double rank = random.uniform() * static_cast<double>(total);
    const auto after = std::ranges::upper_bound(
        buckets, rank, {}, [](const Bucket& b) { return static_cast<double>(b.before); });
    const Bucket& bucket = *std::prev(after);  // the first one has before = 0 <= rank
    const double part =
        (rank - static_cast<double>(bucket.before)) / static_cast<double>(bucket.count);
    const auto offset = static_cast<std::int64_t>(part * static_cast<double>(bucket.width));
    return Duration{bucket.low + std::min(offset, bucket.width - 1)};
  }

  std::vector<Bucket> buckets;
  std::uint64_t total;
  Moments moments;
};

struct Distribution::Mix {
  struct Part {
    double up_to;  // the sum of the shares up to this one
    Distribution distribution;
  };

  [[nodiscard]] Duration draw(Random& random) const noexcept {
    const double u = random.uniform();
    const auto part = std::ranges::upper_bound(parts, u, {}, &Part::up_to);
    return (part == parts.end() ? parts.back() : *part).distribution.sample(random);
  }

  std::vector<Part> parts;
  Moments moments;
};

Distribution::Distribution() noexcept : shape_(Constant{.value = Duration{}}) {}

Result<Distribution> Distribution::constant(Duration value) {
  if (!in_range(value)) return out_of_range("value");
  return Distribution{Constant{.value = value}};
}

Result<Distribution> Distribution::exponential(Duration mean) {
  if (!in_range(mean)) return out_of_range("mean");
  if (mean == Duration{}) return wrong_field("mean", "must be above 0");
  return Distribution{Exponential{.mean = static_cast<double>(mean.count())}};
}

Result<Distribution> Distribution::uniform(Duration low, Duration high) {
  if (!in_range(low)) return out_of_range("low");
  if (!in_range(high)) return out_of_range("high");
  if (high < low) return wrong_field("high", "must not be below low");
  return Distribution{Uniform{.low = low.count(), .high = high.count()}};
}

Result<Distribution> Distribution::lognormal(Duration mean, double cv) {
  if (!in_range(mean)) return out_of_range("mean");
  if (mean == Duration{}) return wrong_field("mean", "must be above 0");
  if (!(cv >= 0 && cv <= kCvMax)) return wrong_field("cv", "must be from 0 to 100");
  // The mean of exp(normal(mu, sigma²)) is exp(mu + sigma²/2), its squared cv exp(sigma²) - 1.
  const double variance = natural_log(1 + cv * cv);
  return Distribution{Lognormal{.mu = natural_log(static_cast<double>(mean.count())) - variance / 2,
                                .sigma = std::sqrt(variance)}};
}

Result<Distribution> Distribution::lognormal_quantiles(Duration p50, Duration p99) {
  if (!in_range(p50)) return out_of_range("p50");
  if (!in_range(p99)) return out_of_range("p99");
  if (p50 == Duration{}) return wrong_field("p50", "must be above 0");
  if (p99 < p50) return wrong_field("p99", "must not be below p50");
  const auto median = static_cast<double>(p50.count());
  const double spread = static_cast<double>(p99.count()) / median;
  if (spread > kSpreadMax) return wrong_field("p99", "must be at most a million times p50");
  return Distribution{
      Lognormal{.mu = natural_log(median), .sigma = natural_log(spread) / normal_quantile(0.99)}};
}

Result<Distribution> Distribution::erlang(Duration mean, std::int64_t stages) {
  const auto ns = checked_mean(mean);
  if (!ns) return std::unexpected(ns.error());
  if (stages < 1 || stages > kStagesMax) return wrong_field("stages", "must be from 1 to 1000");
  if (stages == 1) return exponential(mean);
  const auto shape = static_cast<double>(stages);
  return Distribution{Gamma{
      .mean = *ns, .cv2 = 1 / shape, .quantile = std::make_shared<const GammaQuantile>(shape)}};
}

Result<Distribution> Distribution::hyperexponential(Duration mean, double cv2) {
  const auto ns = checked_mean(mean);
  if (!ns) return std::unexpected(ns.error());
  if (!(cv2 >= 1 && cv2 <= kHyperexponentialCv2Max)) {
    return wrong_field("cv2", "must be from 1 to 10000; below 1, take erlang or gamma");
  }
  const double first = (1 + std::sqrt((cv2 - 1) / (cv2 + 1))) / 2;
  return Distribution{Hyperexponential{.first_share = first,
                                       .first_mean = *ns / (2 * first),
                                       .second_mean = *ns / (2 * (1 - first))}};
}

Result<Distribution> Distribution::weibull(Duration mean, double shape) {
  const auto ns = checked_mean(mean);
  if (!ns) return std::unexpected(ns.error());
  if (!shape_in_range(shape)) return wrong_field("shape", "must be from 0.1 to 100");
  return Distribution{Weibull{.scale = *ns / gamma_of(1 + 1 / shape), .inverse_shape = 1 / shape}};
}

Result<Distribution> Distribution::gamma(Duration mean, double cv2) {
  const auto ns = checked_mean(mean);
  if (!ns) return std::unexpected(ns.error());
  if (!(cv2 >= kGammaCv2Min && cv2 <= kGammaCv2Max)) {
    return wrong_field("cv2", "must be from 0.001 to 100; for no variance, take constant");
  }
  return Distribution{
      Gamma{.mean = *ns, .cv2 = cv2, .quantile = std::make_shared<const GammaQuantile>(1 / cv2)}};
}

Result<Distribution> Distribution::pareto(Duration mean, double shape, Duration max) {
  const auto ns = checked_mean(mean);
  if (!ns) return std::unexpected(ns.error());
  if (!shape_in_range(shape)) return wrong_field("shape", "must be from 0.1 to 100");
  if (!in_range(max)) return out_of_range("max");
  const auto max_ns = static_cast<double>(max.count());
  if (max_ns <= *ns) return wrong_field("max", "must be above the mean");
  return Distribution{BoundedPareto{*ns, shape, max_ns}};
}

Result<Distribution> Distribution::empirical(std::span<const Duration> samples) {
  if (samples.empty()) return wrong_field("samples", "must be at least one");
  Samples table{.sorted = {samples.begin(), samples.end()}, .moments = {.first = 0, .second = 0}};
  std::ranges::sort(table.sorted);
  if (!in_range(table.sorted.front()) || !in_range(table.sorted.back())) {
    return out_of_range("samples");
  }
  const auto count = static_cast<double>(samples.size());
  for (const Duration sample : table.sorted) {
    const auto ns = static_cast<double>(sample.count());
    table.moments.first += ns / count;
    table.moments.second += ns * ns / count;
  }
  return Distribution{std::make_shared<const Samples>(std::move(table))};
}

Result<Distribution> Distribution::empirical(const stats::Histogram& histogram) {
  if (histogram.count() == 0) return wrong_field("histogram", "must not be empty");
  Buckets table{.buckets = {}, .total = 0, .moments = {.first = 0, .second = 0}};
  const auto total = static_cast<double>(histogram.count());
  for (const auto& [from, to, count] : histogram.buckets()) {
    // The outermost buckets reach no farther than the values did.
    const std::int64_t low = std::max(from, histogram.min()).count();
    const std::int64_t high = std::min(to, histogram.max()).count();
    const std::int64_t width = high - low + 1;
    table.buckets.push_back({.low = low, .width = width, .before = table.total, .count = count});
    table.total += count;
    const double weight = static_cast<double>(count) / total;
    const double middle = static_cast<double>(low) + static_cast<double>(width - 1) / 2;
    table.moments.first += weight * middle;
    table.moments.second +=
        weight * (square(middle) + (square(static_cast<double>(width)) - 1) / 12);
  }
  return Distribution{std::make_shared<const Buckets>(std::move(table))};
}

Result<Distribution> Distribution::mix(std::span<const std::pair<Share, Distribution>> parts) {
  if (parts.empty()) return wrong_field("mix", "must have at least one part");
  Mix table{.parts = {}, .moments = {.first = 0, .second = 0}};
  double sum = 0;
  for (const auto& [share, distribution] : parts) {
    if (!(share.of_one >= 0 && share.of_one <= 1))
      return wrong_field("share", "must be from 0 to 1");
    sum += share.of_one;
    table.parts.push_back({.up_to = sum, .distribution = distribution});
    const Moments moments = distribution.moments();
    table.moments.first += share.of_one * moments.first;
    table.moments.second += share.of_one * moments.second;
  }
  if (std::abs(sum - 1) > 1e-9) return wrong_field("mix", "must have shares that add up to 100%");
  return Distribution{std::make_shared<const Mix>(std::move(table))};
}

/// A draw within [0, first_share) belongs to the first phase, and where it lies therein is uniform
/// again. (The quotients stay below one: a double below first_share is so by a whole ulp.)
double Distribution::draw(const Hyperexponential& h, double u) noexcept {
  if (u < h.first_share) return exponential_of(u / h.first_share) * h.first_mean;
  return exponential_of((u - h.first_share) / (1 - h.first_share)) * h.second_mean;
}

Duration Distribution::sample_other(Random& random) const noexcept {
  return std::visit(
      Overload{
          [](const Constant& c) { return c.value; },
          [&](const Exponential& e) { return rounded(unit_exponential(random) * e.mean); },
          [&](const Uniform& u) {
            const auto width = static_cast<std::uint64_t>(u.high - u.low) + 1;
            return Duration{u.low + static_cast<std::int64_t>(random.below(width))};
          },
          [&](const Lognormal& l) {
            return rounded(natural_exp(l.mu + l.sigma * normal_quantile(open_uniform(random))));
          },
          [&](const Hyperexponential& h) { return rounded(draw(h, random.uniform())); },
          [&](const Weibull& w) {
            return rounded(w.scale * power(unit_exponential(random), w.inverse_shape));
          },
          [&](const Gamma& g) { return rounded(g.mean * (*g.quantile)(open_uniform(random))); },
          [&](const BoundedPareto& p) { return rounded(p.quantile(random.uniform())); },
          [&](const std::shared_ptr<const Samples>& s) {
            return s->sorted[random.below(s->sorted.size())];
          },
          [&](const auto& table) { return table->draw(random); },
      },
      shape_);
}

Distribution::Moments Distribution::moments() const noexcept {
  return std::visit(
      Overload{
          [](const Constant& c) {
            const auto ns = static_cast<double>(c.value.count());
            return Moments{.first = ns, .second = ns * ns};
          },
          [](const Exponential& e) {
            return Moments{.first = e.mean, .second = 2 * e.mean * e.mean};
          },
          [](const Uniform& u) {
            const double middle = (static_cast<double>(u.low) + static_cast<double>(u.high)) / 2;
            const double width = static_cast<double>(u.high - u.low) + 1;
            return Moments{.first = middle, .second = middle * middle + (width * width - 1) / 12};
          },
          [](const Lognormal& l) {
            const double variance = l.sigma * l.sigma;
            return Moments{.first = natural_exp(l.mu + variance / 2),
                           .second = natural_exp(2 * l.mu + 2 * variance)};
          },
          [](const Hyperexponential& h) {
            const double first = h.first_share;
            return Moments{
                .first = first * h.first_mean + (1 - first) * h.second_mean,
                .second = 2 * (first * square(h.first_mean) + (1 - first) * square(h.second_mean))};
          },
          [](const Weibull& w) {
            return Moments{.first = w.scale * gamma_of(1 + w.inverse_shape),
                           .second = square(w.scale) * gamma_of(1 + 2 * w.inverse_shape)};
          },
          [](const Gamma& g) {
            return Moments{.first = g.mean, .second = square(g.mean) * (1 + g.cv2)};
          },
          [](const BoundedPareto& p) {
            return Moments{.first = p.moment(1), .second = p.moment(2)};
          },
          [](const auto& table) { return table->moments; },
      },
      shape_);
}

double Distribution::mean_ns() const noexcept { return moments().first; }

double Distribution::cv2() const noexcept {
  const auto [first, second] = moments();
  return first == 0 ? 0 : std::max(0.0, second / (first * first) - 1);
}

}  // namespace headgate::arrival
