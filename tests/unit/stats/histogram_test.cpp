#include "headgate/stats/histogram.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <vector>

#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// Durations over the whole range, each power of ten alike.
std::vector<Duration> spread_samples(std::size_t count, std::uint64_t seed) {
  Random random{seed};
  std::vector<Duration> samples;
  for (std::size_t i = 0; i < count; ++i) {
    samples.emplace_back(static_cast<std::int64_t>(std::pow(10.0, random.uniform() * 12.5)));
  }
  return samples;
}

Histogram histogram_of(const std::vector<Duration>& samples) {
  Histogram histogram;
  for (const Duration sample : samples) histogram.record(sample);
  return histogram;
}

TEST_CASE("histogram: an empty one has count, mean, least, greatest and quantiles of zero") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.mean_ns() == 0);
  CHECK(histogram.min() == Duration{});
  CHECK(histogram.max() == Duration{});
  CHECK(histogram.quantile(0.5) == Duration{});
  CHECK(histogram.buckets().empty());
}

TEST_CASE("histogram: values below 2048 ns are counted each on its own") {
  Histogram histogram;
  for (int i = 0; i < 2048; ++i) histogram.record(nanoseconds{i});
  const auto buckets = histogram.buckets();
  REQUIRE(buckets.size() == 2048);
  for (int i = 0; i < 2048; ++i) {
    REQUIRE(buckets[static_cast<std::size_t>(i)].low == nanoseconds{i});
    REQUIRE(buckets[static_cast<std::size_t>(i)].high == nanoseconds{i});
  }
}

TEST_CASE("histogram: a bucket holds its value and is never wider than 1/1024 of it") {
  for (const Duration sample : spread_samples(20'000, 11)) {
    Histogram histogram;
    if (sample > hours{1}) continue;
    histogram.record(sample);
    const auto buckets = histogram.buckets();
    REQUIRE(buckets.size() == 1);
    REQUIRE(buckets[0].low <= sample);
    REQUIRE(sample <= buckets[0].high);
    REQUIRE((buckets[0].high - buckets[0].low).count() <= sample.count() / 1024);
  }
}

TEST_CASE("histogram: every quantile is within 0.1 % above that of the sorted samples") {
  auto samples = spread_samples(100'000, 1);
  const Histogram histogram = histogram_of(samples);
  std::ranges::sort(samples);
  for (const double q : {0.001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0}) {
    // The sample of rank ceil(q * n), counted from 1; n is 100 000, so q * n is whole.
    const auto rank = static_cast<std::size_t>(std::llround(q * 100'000));
    const auto truth = static_cast<double>(samples[rank - 1].count());
    const auto seen = static_cast<double>(histogram.quantile(q).count());
    CAPTURE(q, truth, seen);
    CHECK(seen >= truth);
    CHECK(seen <= truth * 1.001);
  }
}

TEST_CASE("histogram: the rank of a quantile is the ceiling of q n, as in the Java reader") {
  Histogram histogram;
  for (int i = 1; i <= 160; ++i) histogram.record(nanoseconds{i});
  CHECK(histogram.quantile(0.99) == nanoseconds{159});  // 158.4; the C version rounds it to 158
  CHECK(histogram.quantile(0.5) == nanoseconds{80});
  CHECK(histogram.quantile(0) == nanoseconds{1});
  CHECK(histogram.quantile(1) == nanoseconds{160});

  Histogram hundred;
  for (int i = 1; i <= 100; ++i) hundred.record(nanoseconds{i});
  // 0.07 * 100 is 7.000000000000001 in doubles; the rank is 7 all the same.
  CHECK(hundred.quantile(0.07) == nanoseconds{7});
  for (int i = 1; i <= 100; ++i) CHECK(hundred.quantile(i / 100.0) == nanoseconds{i});
}

TEST_CASE("histogram: a quantile never exceeds the greatest value") {
  Histogram histogram;
  histogram.record(nanoseconds{1'000'000});  // its bucket reaches to 1'000'447
  CHECK(histogram.quantile(0.5) == nanoseconds{1'000'000});
  histogram.record(nanoseconds{2'000'000});
  CHECK(histogram.quantile(0.5) == nanoseconds{1'000'447});
}

TEST_CASE("histogram: count, mean, least and greatest are exact") {
  Histogram histogram;
  histogram.record(nanoseconds{1'000'001});
  histogram.record(nanoseconds{3'000'003});
  histogram.record_n(nanoseconds{5'000'006}, 2);
  CHECK(histogram.count() == 4);
  CHECK(histogram.mean_ns() == 3'500'004.0);  // (1000001 + 3000003 + 10000012) / 4
  CHECK(histogram.min() == nanoseconds{1'000'001});
  CHECK(histogram.max() == nanoseconds{5'000'006});
}

TEST_CASE("histogram: the mean stays exact where a 64-bit sum would not") {
  Histogram histogram;
  histogram.record_n(hours{1}, 10'000'000'000);  // 3.6e22 ns, above 2^64
  histogram.record_n(nanoseconds{1}, 10'000'000'000);
  CHECK(histogram.mean_ns() == 1'800'000'000'000.5);
}

TEST_CASE("histogram: what is longer than one hour is cut to it and counted") {
  Histogram histogram;
  histogram.record(hours{1});
  CHECK(histogram.overflow() == 0);
  histogram.record(hours{1} + nanoseconds{1});
  histogram.record_n(kNever, 3);
  CHECK(histogram.overflow() == 4);
  CHECK(histogram.count() == 5);
  CHECK(histogram.max() == hours{1});
  CHECK(histogram.quantile(1) == hours{1});
}

TEST_CASE("histogram: what is below zero counts as zero, and no times as nothing") {
  Histogram histogram;
  histogram.record(nanoseconds{-5});
  CHECK(histogram.count() == 1);
  CHECK(histogram.max() == Duration{});
  histogram.record_n(hours{2}, 0);
  CHECK(histogram.count() == 1);
  CHECK(histogram.overflow() == 0);
}

TEST_CASE("histogram: the merge of parts is bit for bit the histogram of the whole") {
  auto samples = spread_samples(30'000, 2);
  samples.emplace_back(hours{2});
  const Histogram whole = histogram_of(samples);
  std::vector<Histogram> parts(3);
  for (std::size_t i = 0; i < samples.size(); ++i) parts[i % 3].record(samples[i]);
  Histogram merged;
  merged.merge(parts[2]);
  merged.merge(Histogram{});
  merged.merge(parts[0]);
  merged.merge(parts[1]);
  CHECK(merged == whole);
  CHECK(merged.overflow() == 1);
  CHECK(merged.encode() == whole.encode());
}

TEST_CASE("histogram: after reset it is as new") {
  Histogram histogram = histogram_of(spread_samples(1'000, 3));
  histogram.reset();
  CHECK(histogram == Histogram{});
  histogram.record(milliseconds{2});
  CHECK(histogram.min() == milliseconds{2});
}

}  // namespace
}  // namespace headgate::stats
