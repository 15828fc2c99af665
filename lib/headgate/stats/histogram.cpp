#include "headgate/stats/histogram.hpp"

#include <algorithm>
#include <cmath>

#include "headgate/core/check.hpp"

namespace headgate::stats {

Histogram::Histogram() : counts_(kBuckets) {}

std::int64_t Histogram::low_of(std::size_t index) noexcept {
  const std::size_t doublings = index <= kWholeBelow ? 0 : (index >> kHalfBits) - 1;
  return static_cast<std::int64_t>((index - (doublings << kHalfBits)) << doublings);
}

std::int64_t Histogram::high_of(std::size_t index) noexcept { return low_of(index + 1) - 1; }

void Histogram::merge(const Histogram& other) noexcept {
  if (other.count_ == 0) return;
  const std::size_t last = index_of(static_cast<std::uint64_t>(other.max_));
  for (std::size_t i = index_of(static_cast<std::uint64_t>(other.min_)); i <= last; ++i) {
    counts_[i] += other.counts_[i];
  }
  count_ += other.count_;
  overflow_ += other.overflow_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::reset() noexcept {
  std::ranges::fill(counts_, 0);
  count_ = 0;
  overflow_ = 0;
  sum_ = 0;
  min_ = kLongest.count();
  max_ = 0;
}

double Histogram::mean_ns() const noexcept {
  if (count_ == 0) return 0;
  // Whole part and remainder apart: a sum above 2^53 would lose digits on its way to a double.
  const auto whole = static_cast<double>(static_cast<std::uint64_t>(sum_ / count_));
  const auto rest = static_cast<double>(static_cast<std::uint64_t>(sum_ % count_));
  return whole + rest / static_cast<double>(count_);
}

Duration Histogram::quantile(double q) const noexcept {
  HG_ASSERT(q >= 0 && q <= 1);
  if (count_ == 0) return Duration{};
  // The next double below q, because 0.07 * 100 is 7.000000000000001 and its ceiling would be 8.
  const double share = std::nextafter(q, 0.0);
  const double rank = std::ceil(share * static_cast<double>(count_));
  // From 2^53 on `rank` may round above the count.
  const auto wanted = rank >= static_cast<double>(count_)
                          ? count_
                          : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
  std::size_t index = index_of(static_cast<std::uint64_t>(min_));
  std::uint64_t seen = counts_[index];
  while (seen < wanted) seen += counts_[++index];
  return Duration{std::min(high_of(index), max_)};
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
  std::vector<Bucket> found;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    found.push_back(
        {.low = Duration{low_of(i)}, .high = Duration{high_of(i)}, .count = counts_[i]});
  }
  return found;
}

}  // namespace headgate::stats
