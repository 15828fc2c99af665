// The gate over runs that were stored: result documents of a baseline and of a candidate.
//
// Of several runs each is one measurement, and the first of the baseline makes a pair with the
// first of the candidate, and so on: measured in turn, such pairs share what the machine was doing.
// Of one run each the seconds are the measurements. They cling together, so as many neighbours are
// averaged as it takes for their differences not to; but what makes two runs of one build differ as
// a whole is not in them, which the report says.
#pragma once

#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/load/gate_report.hpp"

namespace headgate::load {

/// A result document as it was read.
struct StoredRun {
  std::string file;
  std::string text;
};

/// Fails with kInvalidArgument, `where` is the file, for a document that is no `headgate.load/1`,
/// or has not got what a metric needs. Runs that were not valid make the report say so in `causes`.
/// Requires: at least one run each, at least one metric.
[[nodiscard]] Result<GateReport> gate_stored(const std::vector<StoredRun>& baseline,
                                             const std::vector<StoredRun>& candidate,
                                             const GateQuestion& question);

}  // namespace headgate::load
