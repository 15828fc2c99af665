// A quantity over the whole of a run in a bounded number of equal bins, though nobody knows at its
// start how long the run will be.
//
// The bins begin narrow; whenever one more than allowed would be needed, neighbours are added
// together in pairs and the width doubles. So a run of any length ends with between half of the
// allowed bins and all of them, and every width is a power of two of the first: series of one
// recording always share their bins.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/time.hpp"

namespace headgate::sim {

/// Where the bins lie: what every series of one recording shares.
class BinScale {
 public:
  static constexpr std::size_t kBinsMax = 240;
  static constexpr Duration kNarrowest = std::chrono::microseconds{1};

  [[nodiscard]] Duration width() const noexcept { return width_; }
  [[nodiscard]] std::size_t bin_of(TimePoint at) const noexcept {
    return static_cast<std::size_t>(at.time_since_epoch() / width_);
  }
  /// Whether the bins end before `at`, and have to be merged before it can be counted.
  [[nodiscard]] bool ends_before(TimePoint at) const noexcept { return bin_of(at) >= kBinsMax; }
  void widen() noexcept { width_ *= 2; }

 private:
  Duration width_ = kNarrowest;
};

/// Response times of one bin to within 2 %: 32 counters for each doubling, 5 KiB a bin.
class RoughHistogram {
 public:
  void record(Duration value) noexcept { ++counts_[index_of(value)]; }
  RoughHistogram& operator+=(const RoughHistogram& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    return *this;
  }
  /// The middle of the bucket in which the value of rank ceil(q * n) lies; zero if empty.
  [[nodiscard]] Duration quantile(double q) const noexcept;

 private:
  static constexpr int kBits = 5;
  static constexpr std::size_t kOctaves =
      43;  // up to 2^47 ns, a day and a half; longer counts there

  // Below 64 ns every value has its own counter.
  static std::size_t index_of(Duration value) noexcept {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0));
    const int shift = std::max(static_cast<int>(std::bit_width(ns)) - (kBits + 1), 0);
    const std::size_t index = (static_cast<std::size_t>(shift) << kBits) + (ns >> shift);
    return std::min(index, (kOctaves << kBits) - 1);
  }

  std::array<std::uint32_t, kOctaves << kBits> counts_{};
};

/// One value per bin. `Value` is summed with +=, starting from Value{}.
template <class Value>
class Bins {
 public:
  /// The value of bin `index`, which is made if there is none yet.
  [[nodiscard]] Value& operator[](std::size_t index) {
    if (index >= values_.size()) values_.resize(index + 1);
    return values_[index];
  }
  [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }

  /// Adds neighbours together; to be called for all series whenever the scale widens.
  void merge_pairs() {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      if (i % 2 == 0) {
        values_[i / 2] = values_[i];
      } else {
        values_[i / 2] += values_[i];
      }
    }
    values_.resize((values_.size() + 1) / 2);
  }

 private:
  std::vector<Value> values_;
};

/// Adds to each bin the nanoseconds that `from`..`to` spends in it, `times` over. Requires:
/// from <= to, and bins that reach `to`. O(bins spanned).
inline void add_span(Bins<std::int64_t>& bins, const BinScale& scale, TimePoint from, TimePoint to,
                     std::int64_t times = 1) {
  while (from < to) {
    const std::size_t bin = scale.bin_of(from);
    const TimePoint end = TimePoint{scale.width() * static_cast<std::int64_t>(bin + 1)};
    const TimePoint until = std::min(end, to);
    bins[bin] += (until - from).count() * times;
    from = until;
  }
}

}  // namespace headgate::sim
