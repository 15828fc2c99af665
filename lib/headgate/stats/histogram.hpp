// What a run remembers of its durations: an HDR histogram from 1 ns to 1 h with three significant
// digits.
//
// Values are counted in buckets whose width grows with the value and never exceeds 1/1024 of it, so
// that every quantile is right to 0.1 %, whatever the distribution turns out to be. Count, sum,
// least and greatest value are kept beside the buckets exactly; the mean is therefore exact, and
// the merge of two histograms is bit for bit the histogram of all their values.
//
// The layout and the text form are those of HdrHistogram (G. Tene, hdrhistogram.org) for 1 to
// 3.6e12 with three digits, so that its readers for every language read what we write.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::stats {

class Histogram {
 public:
  /// The longest duration told apart; longer ones count as this one and in overflow().
  static constexpr Duration kLongest = std::chrono::hours{1};

  /// One bucket that is not empty: `count` values in low..high, both included.
  struct Bucket {
    Duration low;
    Duration high;
    std::uint64_t count;
  };

  /// Empty. Allocates its 33 792 counters (264 KiB) once; nothing below allocates again but copies,
  /// buckets(), encode() and decode(). A moved-from histogram may only be assigned or destroyed.
  Histogram();

  /// Counts one value; below zero counts as zero. Cost: a few nanoseconds.
  void record(Duration value) noexcept { record_n(value, 1); }
  /// Counts `times` equal values.
  void record_n(Duration value, std::uint64_t times) noexcept;
  /// Adds all of `other`, exactly. Cost: about 10 us.
  void merge(const Histogram& other) noexcept;
  /// Empty again, without giving memory back.
  void reset() noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  /// How many of count() were longer than kLongest: if not 0, the greatest quantiles and the mean
  /// are lower bounds.
  [[nodiscard]] std::uint64_t overflow() const noexcept { return overflow_; }
  /// Exact, in nanoseconds; 0 if empty.
  [[nodiscard]] double mean_ns() const noexcept;
  /// Exact; zero if empty.
  [[nodiscard]] Duration min() const noexcept { return count_ == 0 ? Duration{} : Duration{min_}; }
  [[nodiscard]] Duration max() const noexcept { return Duration{max_}; }

  /// The least value that at least the share `q` of all values does not exceed, rounded up within
  /// its bucket (at most 0.1 %) but never above max(). Zero if empty. Requires: 0 <= q <= 1.
  /// The rank is ceil(q * n), as in the Java HdrHistogram from 2.1.11 on: the answer really covers
  /// the share `q`, which the rounding of the C version does not (of 160 values it calls the 158th
  /// their p99). Cost: up to 15 us.
  [[nodiscard]] Duration quantile(double q) const noexcept;

  /// The buckets that are not empty, in ascending order.
  [[nodiscard]] std::vector<Bucket> buckets() const;

  /// HdrHistogram V2, deflated, in base64: "HISTFAAAA…". The form holds the buckets alone: overflow
  /// and the exact sum, least and greatest value do not survive it.
  [[nodiscard]] std::string encode() const;
  /// Reads encode()'s form from us or any other writer with three digits and the unit 1. The mean
  /// is then that of the bucket's middles, and min() and max() are the ends of theirs. Fails with
  /// kCorrupt, whatever the bytes; takes no more than 1 MiB for that.
  [[nodiscard]] static Result<Histogram> decode(std::string_view text);

  /// Equal counts, sum, least, greatest and overflow.
  friend bool operator==(const Histogram&, const Histogram&) = default;

 private:
  // A value below 2048 has its own bucket; from there on each doubling of the value has 1024.
  static constexpr int kHalfBits = 10;
  static constexpr std::uint64_t kWholeBelow = 2047;
  static constexpr std::size_t kBuckets = 33 * std::size_t{1024};

  [[nodiscard]] static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    const auto width = static_cast<int>(std::bit_width(value | kWholeBelow));
    const int doublings = width - static_cast<int>(std::bit_width(kWholeBelow));
    return (static_cast<std::size_t>(doublings) << kHalfBits) +
           static_cast<std::size_t>(value >> doublings);
  }
  [[nodiscard]] static std::int64_t low_of(std::size_t index) noexcept;
  [[nodiscard]] static std::int64_t high_of(std::size_t index) noexcept;
  /// Counts values of which only the bucket is known.
  void add_bucket(std::size_t index, std::uint64_t count) noexcept;

  std::vector<std::uint64_t> counts_;  // kBuckets of them
  std::uint64_t count_ = 0;
  std::uint64_t overflow_ = 0;
  Uint128 sum_ = 0;  // nanoseconds
  std::int64_t min_ = kLongest.count();
  std::int64_t max_ = 0;
};

inline void Histogram::record_n(Duration value, std::uint64_t times) noexcept {
  std::int64_t ns = value.count();
  if (ns < 0) ns = 0;
  if (ns > kLongest.count()) {
    ns = kLongest.count();
    overflow_ += times;
  }
  if (times == 0) return;
  counts_[index_of(static_cast<std::uint64_t>(ns))] += times;
  count_ += times;
  sum_ += static_cast<Uint128>(ns) * times;
  if (ns < min_) min_ = ns;
  if (ns > max_) max_ = ns;
}

}  // namespace headgate::stats
