#include "headgate/resilience/latency_sketch.hpp"

#include <algorithm>
#include <bit>

#include "headgate/core/wide.hpp"

namespace headgate::resilience {

/// The value itself below 8; then the octave and the three bits after its first.
std::size_t LatencySketch::bucket_of(std::uint64_t ns) noexcept {
  if (ns < (1U << kSubBits)) return static_cast<std::size_t>(ns);
  const auto shift = static_cast<int>(std::bit_width(ns)) - 1 - kSubBits;
  return (static_cast<std::size_t>(shift) << kSubBits) + static_cast<std::size_t>(ns >> shift);
}

std::uint64_t LatencySketch::highest_of(std::size_t bucket) noexcept {
  constexpr std::size_t kSub = 1U << kSubBits;
  if (bucket < 2 * kSub) return bucket;
  const std::size_t shift = (bucket >> kSubBits) - 1;
  const std::uint64_t first = std::uint64_t{(bucket & (kSub - 1)) + kSub} << shift;
  return first + (std::uint64_t{1} << shift) - 1;
}

void LatencySketch::record(Duration latency, TimePoint now) noexcept {
  advance(now);
  const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, latency.count()));
  ++counts_[bucket_of(ns)];
  ++total_;
}

Duration LatencySketch::percentile(TimePoint now) noexcept {
  advance(now);
  return last_;
}

/// The highest value of the bucket that holds the ceil(p n)-th smallest.
Duration LatencySketch::read() const noexcept {
  if (total_ == 0 || total_ < min_samples_) return kNever;
  const Int128 parts = static_cast<Int128>(total_) * percentile_.billionths();
  const auto rank = static_cast<std::uint64_t>((parts + Ratio::kOne - 1) / Ratio::kOne);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= std::max<std::uint64_t>(1, rank))
      return Duration{static_cast<std::int64_t>(highest_of(i))};
  }
  return kNever;
}

void LatencySketch::advance(TimePoint now) noexcept {
  if (now < end_) return;
  const std::int64_t steps = (now - end_) / window_ + 1;
  end_ += window_ * steps;
  // After more than one window without a word nothing is known of the last.
  last_ = steps == 1 ? read() : kNever;
  counts_.fill(0);
  total_ = 0;
}

}  // namespace headgate::resilience
