// The percentile distribution of a histogram as HdrHistogram prints it (`.hgrm`), which its plotter
// and many others read.
#pragma once

#include <string>

#include "headgate/stats/histogram.hpp"

namespace headgate::report {

/// Five rows for each halving of the distance to 100 %, values in milliseconds, then what there is
/// in all. The rows are byte for byte those of Java's outputPercentileDistribution; mean and
/// greatest value are the exact ones. An empty histogram has no rows.
[[nodiscard]] std::string hgrm_text(const stats::Histogram& histogram);

}  // namespace headgate::report
