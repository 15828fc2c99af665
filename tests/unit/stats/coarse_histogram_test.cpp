#include "headgate/stats/coarse_histogram.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

/// Durations over the whole range, each power of ten alike, in ascending order.
std::vector<Duration> wide_samples(std::size_t count, std::uint64_t seed) {
  Random random{seed};
  std::vector<Duration> samples;
  samples.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples.emplace_back(static_cast<std::int64_t>(std::pow(10.0, random.uniform() * 12.5)));
  }
  std::ranges::sort(samples);
  return samples;
}

CoarseHistogram coarse_of(const std::vector<Duration>& samples) {
  CoarseHistogram histogram;
  for (const Duration sample : samples) histogram.record(sample);
  return histogram;
}

TEST_CASE("coarse histogram: quantiles are those of the sorted values, to 0.8 % above") {
  const auto samples = wide_samples(10'000, 5);
  const CoarseHistogram histogram = coarse_of(samples);
  for (const double q : {0.01, 0.25, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * 10'000));
    const auto exact = static_cast<double>(samples[rank - 1].count());
    const auto told = static_cast<double>(histogram.quantile(q).count());
    CAPTURE(q, exact, told);
    CHECK(told >= exact);
    CHECK(told <= exact * (1 + 1.0 / 128));
  }
  CHECK(histogram.quantile(1) == samples.back());
}

TEST_CASE("coarse histogram: what is beside the buckets is exact") {
  CoarseHistogram histogram;
  for (const int ns : {700, 1'000'003, 42}) histogram.record(nanoseconds{ns});
  histogram.record(nanoseconds{-5});
  CHECK(histogram.exact() ==
        CoarseHistogram::Exact{
            .count = 4, .sum_ns = 1'000'745, .min = nanoseconds{0}, .max = nanoseconds{1'000'003}});
  histogram.record(hours{2});
  CHECK(histogram.exact().max == hours{1});
  CHECK(histogram.quantile(1) == hours{1});
}

TEST_CASE("coarse histogram: packing and merging lose nothing") {
  const auto samples = wide_samples(2'000, 9);
  std::vector<Duration> halves[2];
  for (std::size_t i = 0; i < samples.size(); ++i) halves[i % 2].push_back(samples[i]);
  CoarseHistogram sum;
  for (const auto& half : halves) sum.merge(coarse_of(half).pack());
  CHECK(sum.pack() == coarse_of(samples).pack());
  sum.reset();
  CHECK(sum.pack() == CoarseHistogram{}.pack());
  CHECK(sum.buckets().empty());
}

TEST_CASE("coarse histogram: its text comes back with the exact figures, and no others") {
  const auto samples = wide_samples(500, 3);
  const CoarseHistogram histogram = coarse_of(samples);
  const std::string text = histogram.encode();
  CHECK(text.starts_with("HISTFAAAA"));
  const auto back = CoarseHistogram::read(text, histogram.exact());
  REQUIRE(back);
  CHECK(*back == histogram.pack());
  for (int wrong = 0; wrong < 3; ++wrong) {
    CoarseHistogram::Exact exact = histogram.exact();
    if (wrong == 0) ++exact.count;
    if (wrong == 1) exact.min = exact.max;
    if (wrong == 2) exact.max = nanoseconds{-1};
    CAPTURE(wrong);
    CHECK_FALSE(CoarseHistogram::read(text, exact));
  }
  CHECK_FALSE(CoarseHistogram::read("HISTF", histogram.exact()));
  CHECK_FALSE(CoarseHistogram::read(Histogram{}.encode(), {}));  // three digits
}

}  // namespace
}  // namespace headgate::stats
