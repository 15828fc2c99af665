// The values of a bucket are free to lie anywhere in it, so the sum is spread over the buckets:
// each starts at its low end, and what is left of the sum lifts one bucket after the other.
#include "headgate/stats/restore.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace headgate::stats {
namespace {

using Bucket = Histogram::Bucket;

std::unexpected<Error> unlike(std::string why) {
  return failed(Errc::kCorrupt, "histogram", std::move(why));
}

/// Takes `times` values out of a bucket; false if it has not so many.
bool take(Bucket& bucket, std::uint64_t times) {
  if (bucket.count < times) return false;
  bucket.count -= times;
  return true;
}

/// The values of `buckets` at their low ends.
Uint128 least_sum(const std::vector<Bucket>& buckets) {
  Uint128 sum = 0;
  for (const Bucket& bucket : buckets) {
    sum += static_cast<Uint128>(bucket.low.count()) * bucket.count;
  }
  return sum;
}

/// Records the buckets with `rest` nanoseconds over their low ends; returns what found no place.
Uint128 spread(const std::vector<Bucket>& buckets, Uint128 rest, Histogram& into) {
  for (const Bucket& bucket : buckets) {
    if (bucket.count == 0) continue;
    const auto width = static_cast<Uint128>((bucket.high - bucket.low).count());
    const Uint128 lift = std::min(rest, width * bucket.count);
    const Duration each = bucket.low + Duration{static_cast<std::int64_t>(lift / bucket.count)};
    const auto higher = static_cast<std::uint64_t>(lift % bucket.count);
    into.record_n(each, bucket.count - higher);
    into.record_n(each + Duration{1}, higher);
    rest -= lift;
  }
  return rest;
}

}  // namespace

Result<Histogram> restored(const Histogram& decoded, const BesideBuckets& beside) {
  std::vector<Bucket> buckets = decoded.buckets();
  if (buckets.empty()) return decoded;
  const std::uint64_t count = decoded.count();
  Bucket& first = buckets.front();
  Bucket& last = buckets.back();
  last.high = std::min(last.high, Histogram::kLongest);
  const bool ends_fit = beside.min >= first.low && beside.min <= first.high &&
                        beside.max >= last.low && beside.max <= last.high &&
                        beside.min <= beside.max && (count > 1 || beside.min == beside.max);
  if (!ends_fit) return unlike("has other ends than are given beside it");
  if (beside.overflow > 0 && beside.max != Histogram::kLongest) {
    return unlike("cannot hold values above 1 h");
  }
  Histogram made;
  Uint128 taken = 0;
  first.low = beside.min;
  last.high = beside.max;
  const auto record = [&](Bucket& bucket, Duration value, std::uint64_t times) {
    made.record_n(value, times);
    taken += static_cast<Uint128>(std::min(value, Histogram::kLongest).count()) * times;
    return take(bucket, times);
  };
  bool fits = record(last, Histogram::kLongest + Duration{1}, beside.overflow);
  if (beside.overflow == 0) fits = record(last, beside.max, 1);
  if (made.count() < count || made.min() != beside.min) {
    fits = fits && record(first, beside.min, 1);
  }
  if (!fits) return unlike("has fewer values than are given beside it");
  const long double wanted =
      static_cast<long double>(beside.mean_ns) * static_cast<long double>(count);
  if (!(wanted >= 0) || wanted > 1e30L) return unlike("has another mean than is given beside it");
  const auto sum = static_cast<Uint128>(std::floor(wanted + 0.5L));
  // The last digits of the mean of a very large sum are rounded.
  const Uint128 slack = sum >> 50;
  const Uint128 least = taken + least_sum(buckets);
  if (least > sum + slack) return unlike("has a greater mean than is given beside it");
  const Uint128 left = spread(buckets, sum > least ? sum - least : 0, made);
  if (left > slack) return unlike("has a lesser mean than is given beside it");
  return made;
}

}  // namespace headgate::stats
