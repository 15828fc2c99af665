// A small histogram for each second of a run: HdrHistogram's layout with two significant digits, so
// that quantiles are right to 0.8 %, in 36 KiB while values come in and in about two bytes for each
// bucket in use once it is put away. Count, sum, least and greatest value are exact, and putting
// away, taking up again and adding lose nothing: the second of two threads is that of one.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::stats {

class CoarseHistogram {
 public:
  static constexpr Duration kLongest = Histogram::kLongest;

  /// What is known of the values beside their buckets.
  struct Exact {
    std::uint64_t count = 0;
    std::uint64_t sum_ns = 0;
    Duration min = kLongest;
    Duration max{};

    friend bool operator==(const Exact&, const Exact&) = default;
  };
  /// A histogram put away.
  struct Packed {
    Exact exact;
    std::vector<std::byte> counts;  ///< see put_counts

    friend bool operator==(const Packed&, const Packed&) = default;
  };

  /// Empty. Allocates its counters once.
  CoarseHistogram();

  /// Counts one value; below zero counts as zero, above kLongest as that.
  void record(Duration value) noexcept {
    std::int64_t ns = value.count();
    if (ns < 0) ns = 0;
    if (ns > kLongest.count()) ns = kLongest.count();
    ++counts_[index_of(static_cast<std::uint64_t>(ns))];
    ++exact_.count;
    exact_.sum_ns += static_cast<std::uint64_t>(ns);
    if (ns < exact_.min.count()) exact_.min = Duration{ns};
    if (ns > exact_.max.count()) exact_.max = Duration{ns};
  }
  /// Adds all that was put away. Requires: it is what pack() or unpack_text() gave.
  void merge(const Packed& packed);
  void reset() noexcept;

  [[nodiscard]] const Exact& exact() const noexcept { return exact_; }
  /// As of Histogram.
  [[nodiscard]] Duration quantile(double q) const noexcept;
  [[nodiscard]] std::vector<Histogram::Bucket> buckets() const;

  /// Cost: a few microseconds.
  [[nodiscard]] Packed pack() const;
  /// HdrHistogram V2 with two digits; what is exact does not survive it.
  [[nodiscard]] std::string encode() const;
  /// Reads encode()'s form and puts it away with the `exact` figures. Fails with kCorrupt if they
  /// cannot be those of the buckets.
  [[nodiscard]] static Result<Packed> read(std::string_view text, const Exact& exact);

 private:
  static constexpr int kHalfBits = 7;
  static constexpr std::uint64_t kWholeBelow = 255;
  static constexpr std::size_t kBuckets = 36 * std::size_t{128};

  [[nodiscard]] static constexpr std::size_t index_of(std::uint64_t value) noexcept {
    const auto width = static_cast<int>(std::bit_width(value | kWholeBelow));
    const int doublings = width - static_cast<int>(std::bit_width(kWholeBelow));
    return (static_cast<std::size_t>(doublings) << kHalfBits) +
           static_cast<std::size_t>(value >> doublings);
  }
  [[nodiscard]] static std::int64_t low_of(std::size_t index) noexcept;

  /// Up to the last bucket in use.
  [[nodiscard]] std::size_t used() const noexcept {
    return index_of(static_cast<std::uint64_t>(exact_.max.count())) + 1;
  }

  std::vector<std::uint64_t> counts_;  // kBuckets of them
  Exact exact_;
};

}  // namespace headgate::stats
