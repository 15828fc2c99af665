#include "headgate/stats/signed_rank.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "headgate/core/check.hpp"

namespace headgate::stats {
namespace {

constexpr double kInfinite = std::numeric_limits<double>::infinity();

/// P(T+ = t) by t: each rank is in the sum or not, by a coin.
std::vector<double> signed_rank_weights(std::size_t pairs) {
  std::vector<double> weights{1};
  for (std::size_t rank = 1; rank <= pairs; ++rank) {
    std::vector<double> next(weights.size() + rank, 0.0);
    for (std::size_t t = 0; t < weights.size(); ++t) {
      next[t] += weights[t] / 2;
      next[t + rank] += weights[t] / 2;
    }
    weights = std::move(next);
  }
  return weights;
}

double normal_above(double z) { return std::erfc(z / std::sqrt(2.0)) / 2; }

constexpr std::size_t kAllFlipsMax = 14;  // pairs
constexpr std::size_t kFlips = 20'000;

/// Which differences are flipped, one list of signs after another.
std::vector<std::int8_t> flips(std::size_t pairs, Random& random) {
  const std::size_t count = pairs <= kAllFlipsMax ? std::size_t{1} << pairs : kFlips;
  std::vector<std::int8_t> signs(count * pairs);
  for (std::size_t flip = 0; flip < count; ++flip) {
    for (std::size_t i = 0; i < pairs; ++i) {
      // The first of the drawn ones is the data as they are: it belongs to its own distribution.
      const bool drawn = pairs > kAllFlipsMax && flip > 0 && (random.bits() >> 63) != 0;
      const bool counted = pairs <= kAllFlipsMax && ((flip >> i) & 1) != 0;
      signs[flip * pairs + i] = drawn || counted ? std::int8_t{-1} : std::int8_t{1};
    }
  }
  return signs;
}

/// The share of the flips whose sum reaches that of `d` itself.
double flip_p(std::span<const double> d, std::span<const std::int8_t> signs) {
  double own = 0;
  double size = 0;
  for (const double value : d) {
    own += value;
    size += std::abs(value);
  }
  const double slack = size * 1e-12;  // sums in another order differ in their last digits
  std::size_t reached = 0;
  for (std::size_t at = 0; at < signs.size(); at += d.size()) {
    double sum = 0;
    for (std::size_t i = 0; i < d.size(); ++i) sum += signs[at + i] * d[i];
    reached += sum >= own - slack ? 1 : 0;
  }
  return static_cast<double>(reached) * static_cast<double>(d.size()) /
         static_cast<double>(signs.size());
}

/// The greatest shift that is refuted from below: where p of d - shift passes `level`.
double flip_bound(std::span<const double> d, std::span<const std::int8_t> signs, double level) {
  const auto [least, greatest] = std::ranges::minmax(d);
  const double spread = greatest - least + std::abs(greatest) * 1e-9 + 1e-12;
  double low = least - spread;
  double high = greatest + spread;
  std::vector<double> moved(d.size());
  const auto refuted = [&](double shift) {
    for (std::size_t i = 0; i < d.size(); ++i) moved[i] = d[i] - shift;
    return flip_p(moved, signs) <= level;
  };
  if (!refuted(low)) return -kInfinite;
  for (int step = 0; step < 40; ++step) {
    const double middle = low + (high - low) / 2;
    (refuted(middle) ? low : high) = middle;
  }
  return low;
}

}  // namespace

SignedRankDistribution::SignedRankDistribution(std::size_t pairs) : pairs_{pairs} {
  if (pairs > kExactMax) return;
  upper_ = signed_rank_weights(pairs);
  for (std::size_t t = upper_.size() - 1; t > 0; --t) upper_[t - 1] += upper_[t];
  upper_[0] = 1;
}

double SignedRankDistribution::at_least(std::size_t t) const noexcept {
  if (t > most()) return 0;
  if (!upper_.empty()) return upper_[t];
  if (t == 0) return 1;
  const auto n = static_cast<double>(pairs_);
  const double deviation = std::sqrt(n * (n + 1) * (2 * n + 1) / 24);
  return normal_above((static_cast<double>(t) - 0.5 - n * (n + 1) / 4) / deviation);
}

std::size_t SignedRankDistribution::critical(double level) const noexcept {
  std::size_t low = 0;            // the answer is above, unless it is 0
  std::size_t high = most() + 1;  // or below, or this
  if (at_least(0) <= level) return 0;
  while (high - low > 1) {
    const std::size_t middle = low + (high - low) / 2;
    (at_least(middle) <= level ? high : low) = middle;
  }
  return high;
}

PairedDifferences::PairedDifferences(std::span<const double> differences)
    : pairs_{differences.size()}, null_{differences.size()} {
  walsh_.reserve(null_.most());
  for (std::size_t i = 0; i < pairs_; ++i) {
    HG_ASSERT(std::isfinite(differences[i]));
    for (std::size_t j = i; j < pairs_; ++j) {
      walsh_.push_back((differences[i] + differences[j]) / 2);
    }
  }
  std::ranges::sort(walsh_);
}

double PairedDifferences::estimate() const noexcept {
  HG_ASSERT(!walsh_.empty());
  return (walsh_[(walsh_.size() - 1) / 2] + walsh_[walsh_.size() / 2]) / 2;
}

double PairedDifferences::p_above(double shift) const noexcept {
  const auto above = walsh_.end() - std::ranges::upper_bound(walsh_, shift);
  return null_.at_least(static_cast<std::size_t>(above));
}

double PairedDifferences::p_below(double shift) const noexcept {
  const auto below = std::ranges::lower_bound(walsh_, shift) - walsh_.begin();
  return null_.at_least(static_cast<std::size_t>(below));
}

double PairedDifferences::lower(double level) const noexcept {
  // Refuted is what has `critical` averages above it: all below the one of that rank from the top.
  const std::size_t critical = null_.critical(level);
  return critical == 0 || critical > walsh_.size() ? -kInfinite : walsh_[walsh_.size() - critical];
}

double PairedDifferences::upper(double level) const noexcept {
  const std::size_t critical = null_.critical(level);
  return critical == 0 || critical > walsh_.size() ? kInfinite : walsh_[critical - 1];
}

double least_p(std::size_t pairs) noexcept { return std::pow(0.5, static_cast<double>(pairs)); }

FlipInterval sign_flip_interval(std::span<const double> differences, double level, Random& random) {
  HG_ASSERT(!differences.empty());
  const std::vector<std::int8_t> signs = flips(differences.size(), random);
  std::vector<double> mirrored(differences.begin(), differences.end());
  for (double& value : mirrored) value = -value;
  return {.low = flip_bound(differences, signs, level),
          .high = -flip_bound(mirrored, signs, level)};
}

}  // namespace headgate::stats
