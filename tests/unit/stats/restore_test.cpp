#include "headgate/stats/restore.hpp"

#include <catch2/catch.hpp>
#include <cmath>

#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

BesideBuckets beside(const Histogram& histogram) {
  return {.min = histogram.min(),
          .max = histogram.max(),
          .mean_ns = histogram.mean_ns(),
          .overflow = histogram.overflow()};
}

/// As a file would bring it back.
Result<Histogram> returned(const Histogram& histogram) {
  return restored(Histogram::decode(histogram.encode()).value(), beside(histogram));
}

TEST_CASE("restore: a histogram comes back equal, whatever its values") {
  CHECK(returned(Histogram{}) == Histogram{});
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Random random{seed};
    Histogram histogram;
    const int count = 1 + static_cast<int>(random.below(seed < 20 ? 5 : 5'000));
    for (int i = 0; i < count; ++i) {
      const double top = seed % 2 == 0 ? 9 : 11;
      histogram.record(Duration{static_cast<std::int64_t>(std::pow(10, random.uniform() * top))});
    }
    CAPTURE(seed, count);
    CHECK(returned(histogram) == histogram);
  }
}

TEST_CASE("restore: values above an hour are known again") {
  Histogram histogram;
  histogram.record(nanoseconds{5});
  histogram.record_n(hours{2}, 3);
  CHECK(returned(histogram) == histogram);
  Histogram alone;
  alone.record(hours{3});
  CHECK(returned(alone) == alone);
}

TEST_CASE("restore: figures that cannot be those of the buckets are refused") {
  Histogram histogram;
  for (const int ns : {5'000, 9'000, 20'000}) histogram.record(nanoseconds{ns});
  const Histogram decoded = Histogram::decode(histogram.encode()).value();
  const auto with = [&](auto change) {
    BesideBuckets figures = beside(histogram);
    change(figures);
    return restored(decoded, figures).has_value();
  };
  CHECK(with([](BesideBuckets&) {}));
  CHECK_FALSE(with([](BesideBuckets& figures) { figures.min = nanoseconds{4'000}; }));
  CHECK_FALSE(with([](BesideBuckets& figures) { figures.max = nanoseconds{30'000}; }));
  CHECK_FALSE(with([](BesideBuckets& figures) { figures.mean_ns = 12'000; }));
  CHECK_FALSE(with([](BesideBuckets& figures) { figures.mean_ns = 10'000; }));
  CHECK_FALSE(with([](BesideBuckets& figures) { figures.mean_ns = std::nan(""); }));
  CHECK_FALSE(with([](BesideBuckets& figures) { figures.overflow = 1; }));
}

}  // namespace
}  // namespace headgate::stats
