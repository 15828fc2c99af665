// A histogram as text, and back.
#include <algorithm>
#include <span>

#include "headgate/stats/hdr_text.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::stats {
namespace {

constexpr std::uint32_t kDigits = 3;

}  // namespace

std::string Histogram::encode() const {
  const std::size_t used = index_of(static_cast<std::uint64_t>(max_)) + 1;
  return hdr_text(std::span{counts_}.first(used), kDigits, kLongest);
}

Result<Histogram> Histogram::decode(std::string_view text) {
  constexpr std::size_t kEnd = index_of(static_cast<std::uint64_t>(kLongest.count())) + 1;
  Histogram histogram;
  const auto read = read_hdr_text(
      text, kDigits, kEnd,
      [&histogram](std::size_t index, std::uint64_t count) { histogram.add_bucket(index, count); });
  if (!read) return std::unexpected(read.error());
  return histogram;
}

void Histogram::add_bucket(std::size_t index, std::uint64_t count) noexcept {
  const std::int64_t low = low_of(index);
  const std::int64_t high = high_of(index);
  // The middle as the reference reader takes it for its mean.
  const std::int64_t middle = low + (high - low + 1) / 2;
  counts_[index] += count;
  count_ += count;
  sum_ += static_cast<Uint128>(middle) * count;
  min_ = std::min(min_, low);
  max_ = std::max(max_, std::min(high, kLongest.count()));
}

}  // namespace headgate::stats
