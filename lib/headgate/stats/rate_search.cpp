#include "headgate/stats/rate_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "headgate/core/check.hpp"
#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

/// Halving ends when the broken rate is so much above the one that held.
constexpr double kNearRatio = 1.1;
/// Slices so far from the crossing, on the scale of logarithms, are no part of the curve.
constexpr double kCurveReach = 0.15;
/// Where the next slices lie about the crossing: more above it, where there is more to count.
constexpr std::array<double, 4> kOffsets{0.02, -0.01, 0.01, -0.02};
/// How many independent observations an average slice is worth beside the prior on the slope.
constexpr double kSliceWorth = 30;
/// What the slope of the line is held to be when the slices do not say: 20 +- 40 per relative rate
/// (an M/M/1 queue at 90 % load under a p99 of ten means has 41).
constexpr double kSlopeGuess = 20;
constexpr double kSlopeDoubt = 40;
constexpr double kLevelDoubt = 6;
/// How far one fit may move the estimate.
constexpr double kStepMost = 0.08;
constexpr double kValueMost = 10;  // of a mean, in units of its bound
constexpr std::size_t kResamples = 400;
constexpr std::size_t kSlicesForInterval = 6;

struct Line {
  double level = 0;  // at the centre, on the scale of the link
  double slope = 0;  // per relative rate
};

struct CurvePointWeighted {
  double x;
  double y;
  double weight;
};

double logit(double p) { return std::log(p / (1 - p)); }

/// Newton's method on the penalised quasi-likelihood: binomial with a logit link for shares,
/// Poisson with a logarithmic one for means (which are in units of their bound).
Line fitted(std::span<const CurvePointWeighted> points, bool is_share, double goal) {
  Line line{.level = goal, .slope = kSlopeGuess};
  for (int step = 0; step < 40; ++step) {
    double to_level = (goal - line.level) / (kLevelDoubt * kLevelDoubt);
    double to_slope = (kSlopeGuess - line.slope) / (kSlopeDoubt * kSlopeDoubt);
    double ll = 1 / (kLevelDoubt * kLevelDoubt);
    double ls = 0;
    double ss = 1 / (kSlopeDoubt * kSlopeDoubt);
    for (const CurvePointWeighted& point : points) {
      const double eta = std::clamp(line.level + line.slope * point.x, -30.0, 30.0);
      const double expected = is_share ? 1 / (1 + std::exp(-eta)) : std::exp(eta);
      const double variance = is_share ? expected * (1 - expected) : expected;
      to_level += point.weight * (point.y - expected);
      to_slope += point.weight * (point.y - expected) * point.x;
      ll += point.weight * variance;
      ls += point.weight * variance * point.x;
      ss += point.weight * variance * point.x * point.x;
    }
    const double determinant = ll * ss - ls * ls;
    const double level = std::clamp((ss * to_level - ls * to_slope) / determinant, -1.0, 1.0);
    const double slope = std::clamp((ll * to_slope - ls * to_level) / determinant, -50.0, 50.0);
    line.level += level;
    line.slope += slope;
    if (std::abs(level) < 1e-9 && std::abs(slope) < 1e-7) break;
  }
  line.slope = std::max(line.slope, 1.0);  // more load is never better
  return line;
}

}  // namespace

RateSearch::RateSearch(const RateSearchOptions& options) : options_{options} {
  HG_ASSERT(options.least > 0 && options.least <= options.start && options.start <= options.most);
  HG_ASSERT(options.bound > 0 && (!options.is_share || options.bound < 1));
}

double RateSearch::next() const {
  const auto within = [this](double rate) {
    return std::clamp(rate, options_.least, options_.most);
  };
  switch (phase_) {
    case Phase::kDoubling:
      if (!held_ && !broken_) return options_.start;
      return within(held_ ? *held_ * 2 : broken_.value_or(options_.start) / 2);
    case Phase::kHalving:
      HG_ASSERT(held_.has_value() && broken_.has_value());
      return within(std::sqrt(*held_ * *broken_));
    case Phase::kFitting:
      break;
  }
  return within(estimate_ * (1 + kOffsets[fitted_ % kOffsets.size()]));
}

void RateSearch::add(const RateSlice& slice) {
  slices_.push_back(slice);
  if (phase_ == Phase::kFitting) {
    ++fitted_;
    const double found = crossing(near(estimate_), estimate_);
    estimate_ =
        std::clamp(std::clamp(found, estimate_ * (1 - kStepMost), estimate_ * (1 + kStepMost)),
                   options_.least, options_.most);
    return;
  }
  (holds(slice) ? held_ : broken_) = slice.rate;
  holds_always_ = holds(slice) && slice.rate >= options_.most;
  holds_never_ = !holds(slice) && slice.rate <= options_.least;
  if (!held_ || !broken_) return;
  phase_ = Phase::kHalving;
  if (*broken_ > *held_ * kNearRatio) return;
  phase_ = Phase::kFitting;
  estimate_ = std::sqrt(*held_ * *broken_);
}

void RateSearch::limit(double most) noexcept {
  options_.most = std::max(options_.least, std::min(options_.most, most));
  if (held_ && *held_ >= options_.most) holds_always_ = !broken_;
}

std::vector<RateSlice> RateSearch::near(double centre) const {
  std::vector<RateSlice> all;
  for (const RateSlice& slice : slices_) {
    if (std::abs(std::log(slice.rate / centre)) <= kCurveReach) all.push_back(slice);
  }
  return all;
}

double RateSearch::crossing(const std::vector<RateSlice>& slices, double centre) const {
  double requests = 0;
  for (const RateSlice& slice : slices) requests += slice.requests;
  if (requests <= 0) return centre;
  const double average = requests / static_cast<double>(slices.size());
  std::vector<CurvePointWeighted> points;
  for (const RateSlice& slice : slices) {
    const double value = options_.is_share ? std::min(slice.value, 1.0)
                                           : std::min(slice.value / options_.bound, kValueMost);
    points.push_back({.x = slice.rate / centre - 1,
                      .y = value,
                      .weight = kSliceWorth * slice.requests / average});
  }
  const double goal = options_.is_share ? logit(options_.bound) : 0;
  const Line line = fitted(points, options_.is_share, goal);
  return centre * (1 + std::clamp((goal - line.level) / line.slope, -0.5, 0.5));
}

Estimate RateSearch::answer() const {
  if (phase_ != Phase::kFitting) {
    const double low = held_.value_or(0);
    const double high = broken_.value_or(options_.most);
    return {.value = low, .low = low, .high = high, .confidence = 0};
  }
  HG_ASSERT(held_.has_value() && broken_.has_value());  // fitting starts between the two
  const std::vector<RateSlice> own = near(estimate_);
  const double value = crossing(own, estimate_);
  if (own.size() < kSlicesForInterval) {
    return {.value = value, .low = *held_, .high = *broken_, .confidence = 0};
  }
  Random random = Random::stream(1, "rate_search.bootstrap");
  std::vector<double> found;
  found.reserve(kResamples);
  std::vector<RateSlice> drawn(own.size());
  for (std::size_t i = 0; i < kResamples; ++i) {
    for (RateSlice& slice : drawn) slice = own[random.below(own.size())];
    found.push_back(crossing(drawn, estimate_));
  }
  std::ranges::sort(found);
  return {.value = value,
          .low = std::min(value, found[kResamples / 40]),
          .high = std::max(value, found[kResamples - 1 - kResamples / 40]),
          .confidence = 0.95};
}

}  // namespace headgate::stats
