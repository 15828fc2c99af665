#include "headgate/stats/coarse_histogram.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include "headgate/core/check.hpp"
#include "headgate/stats/hdr_text.hpp"

namespace headgate::stats {
namespace {

constexpr std::uint32_t kCoarseDigits = 2;

}  // namespace

CoarseHistogram::CoarseHistogram() : counts_(kBuckets) {}

std::int64_t CoarseHistogram::low_of(std::size_t index) noexcept {
  const std::size_t doublings = index <= kWholeBelow ? 0 : (index >> kHalfBits) - 1;
  return static_cast<std::int64_t>((index - (doublings << kHalfBits)) << doublings);
}

void CoarseHistogram::merge(const Packed& packed) {
  const auto taken =
      take_counts(packed.counts, kBuckets,
                  [this](std::size_t index, std::uint64_t count) { counts_[index] += count; });
  HG_ASSERT(taken.has_value());
  exact_.count += packed.exact.count;
  exact_.sum_ns += packed.exact.sum_ns;
  exact_.min = std::min(exact_.min, packed.exact.min);
  exact_.max = std::max(exact_.max, packed.exact.max);
}

void CoarseHistogram::reset() noexcept {
  std::fill_n(counts_.begin(), used(), 0);
  exact_ = {};
}

Duration CoarseHistogram::quantile(double q) const noexcept {
  HG_ASSERT(q >= 0 && q <= 1);
  if (exact_.count == 0) return {};
  const double rank = std::ceil(std::nextafter(q, 0.0) * static_cast<double>(exact_.count));
  const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rank));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < counts_.size(); ++index) {
    seen += counts_[index];
    if (seen >= wanted) return std::min(Duration{low_of(index + 1) - 1}, exact_.max);
  }
  return exact_.max;
}

std::vector<Histogram::Bucket> CoarseHistogram::buckets() const {
  std::vector<Histogram::Bucket> found;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    found.push_back(
        {.low = Duration{low_of(i)}, .high = Duration{low_of(i + 1) - 1}, .count = counts_[i]});
  }
  return found;
}

CoarseHistogram::Packed CoarseHistogram::pack() const {
  Packed packed{.exact = exact_, .counts = {}};
  if (exact_.count == 0) return packed;
  put_counts(packed.counts, std::span{counts_}.first(used()));
  packed.counts.shrink_to_fit();  // thousands of these are kept
  return packed;
}

std::string CoarseHistogram::encode() const {
  return hdr_text(std::span{counts_}.first(used()), kCoarseDigits, kLongest);
}

Result<CoarseHistogram::Packed> CoarseHistogram::read(std::string_view text, const Exact& exact) {
  constexpr std::size_t kEnd = index_of(static_cast<std::uint64_t>(kLongest.count())) + 1;
  CoarseHistogram histogram;
  std::uint64_t count = 0;
  std::size_t first = kEnd;
  std::size_t last = 0;
  const auto read =
      read_hdr_text(text, kCoarseDigits, kEnd, [&](std::size_t index, std::uint64_t counted) {
        histogram.counts_[index] += counted;
        count += counted;
        first = std::min(first, index);
        last = index;
      });
  if (!read) return std::unexpected(read.error());
  histogram.exact_ = exact;
  const auto bucket_of = [](Duration value) {
    return index_of(static_cast<std::uint64_t>(value.count()));
  };
  const bool in_range = exact.min >= Duration::zero() && exact.max <= kLongest;
  if (count != exact.count || !in_range ||
      (count > 0 && (bucket_of(exact.min) != first || bucket_of(exact.max) != last))) {
    return failed(Errc::kCorrupt, "histogram", "has other counts than are given beside it");
  }
  return histogram.pack();
}

}  // namespace headgate::stats
