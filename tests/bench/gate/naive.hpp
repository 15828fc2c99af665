// What others decide by, on the same data as the gate: for the study alone.
#pragma once

#include <span>

#include "headgate/stats/histogram.hpp"

namespace headgate::study {

/// Mann and Whitney's test that what is in `b` tends to be greater than in `a`, one-sided, by the
/// normal distribution with the correction for ties; 1 if either is empty.
[[nodiscard]] double mann_whitney_p(std::span<const double> a, std::span<const double> b);
/// The same of all latencies of two slices, as if each request were a measurement of its own.
[[nodiscard]] double mann_whitney_p(const stats::Histogram& a, const stats::Histogram& b);

}  // namespace headgate::study
