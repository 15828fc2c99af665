// A histogram read from its text form, made what it was before: the form holds buckets alone, and
// what was written beside it says which least, greatest and mean value they had.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::stats {

/// What a text form does not hold.
struct BesideBuckets {
  Duration min{};
  Duration max{};
  double mean_ns = 0;
  std::uint64_t overflow = 0;
};

/// The histogram of the same buckets with these figures, equal to the one that was written if its
/// values add up to less than 2^52 ns (52 days), and with the same mean to 15 digits above. Fails
/// with kCorrupt if the figures cannot be those of the buckets. Cost: as of merge().
[[nodiscard]] Result<Histogram> restored(const Histogram& decoded, const BesideBuckets& beside);

}  // namespace headgate::stats
