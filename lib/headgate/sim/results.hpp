// Results as other programs and as people read them.
//
// The document `headgate.sim/1` holds nothing of the machine or the hour, its keys stand in a fixed
// order and its numbers in their shortest exact form, so equal runs are equal bytes; what belongs
// to the machine goes to a manifest beside it.
#pragma once

#include <span>
#include <string>

#include "headgate/report/json.hpp"
#include "headgate/report/sheet.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/point_record.hpp"

namespace headgate::sim {

struct JsonOptions {
  bool welch = false;  ///< with the course of the response time that the warm-up was found in
  std::span<const PointRecord> series = {};  ///< with "series" of the first points
};

/// The document of INTERFACES section 6. An estimate is {"value", "low", "high", "confidence"}; one
/// that a run does not have is left out.
[[nodiscard]] report::Json results_json(const Results& results, const JsonOptions& options = {});

/// Every figure of every point, and the expectations.
[[nodiscard]] report::Sheet results_sheet(const Results& results);

struct TextOptions {
  bool colour = false;
};

/// For terminals: a table of figures with intervals per point, how much longer a run would have to
/// be for ±1 %, and the expectations with what was observed and why they should hold.
[[nodiscard]] std::string results_text(const Results& results, const TextOptions& options);

}  // namespace headgate::sim
