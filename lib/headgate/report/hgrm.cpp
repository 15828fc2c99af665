// Source: HdrHistogram (Java, 2.2.2), AbstractHistogram.outputPercentileDistribution and
// PercentileIterator, public domain.
#include "headgate/report/hgrm.hpp"

#include <fmt/format.h>

#include <cmath>
#include <vector>

namespace headgate::report {
namespace {

constexpr double kTicks = 5;      // in each half of the distance to 100 %
constexpr double kScale = 1e6;    // nanoseconds in the unit of the file
constexpr int kBucketCount = 32;  // of the layout: 1 ns to 1 h, three digits
constexpr int kSubBucketCount = 2048;

/// Java rounds the shortest decimal form of a number, halves up; ours rounds its exact value, where
/// a half may lie a hair below. Two steps up put it above, and are nothing otherwise.
double halves_up(double value) { return std::nextafter(std::nextafter(value, HUGE_VAL), HUGE_VAL); }

double next_level(double level) {
  const double halvings = std::trunc(std::log(100.0 / (100.0 - level)) / std::log(2.0)) + 1;
  return level + 100.0 / (kTicks * std::trunc(std::pow(2.0, halvings)));
}

double deviation_ns(const std::vector<stats::Histogram::Bucket>& buckets, double mean,
                    std::uint64_t count) {
  double sum = 0;
  for (const auto& bucket : buckets) {
    const auto width = (bucket.high - bucket.low).count() + 1;
    const auto middle = static_cast<double>(bucket.low.count() + (width >> 1));
    sum += (middle - mean) * (middle - mean) * static_cast<double>(bucket.count);
  }
  return count == 0 ? 0 : std::sqrt(sum / static_cast<double>(count));
}

std::string rows_of(const std::vector<stats::Histogram::Bucket>& buckets, std::uint64_t count) {
  std::string text;
  double level = 0;
  std::uint64_t seen = 0;
  for (const auto& bucket : buckets) {
    seen += bucket.count;
    const double value = static_cast<double>(bucket.high.count()) / kScale;
    const double reached = 100.0 * static_cast<double>(seen) / static_cast<double>(count);
    const auto row = [&] {
      text += fmt::format("{:12.3f} {:.12f} {:10d} {:14.2f}\n", value, halves_up(level / 100), seen,
                          halves_up(1 / (1 - level / 100)));
      level = next_level(level);
    };
    // The bucket with the last value makes one row, then that of 100 %.
    if (seen == count) {
      row();
      text += fmt::format("{:12.3f} {:.12f} {:10d}\n", value, 1.0, seen);
      break;
    }
    while (reached >= level) row();
  }
  return text;
}

}  // namespace

std::string hgrm_text(const stats::Histogram& histogram) {
  std::string text = fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile",
                                 "TotalCount", "1/(1-Percentile)");
  const auto buckets = histogram.buckets();
  text += rows_of(buckets, histogram.count());
  const double mean = histogram.mean_ns();
  text += fmt::format("#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n", mean / kScale,
                      deviation_ns(buckets, mean, histogram.count()) / kScale);
  text += fmt::format("#[Max     = {:12.3f}, Total count    = {:12d}]\n",
                      static_cast<double>(histogram.max().count()) / kScale, histogram.count());
  text +=
      fmt::format("#[Buckets = {:12d}, SubBuckets     = {:12d}]\n", kBucketCount, kSubBucketCount);
  return text;
}

}  // namespace headgate::report
