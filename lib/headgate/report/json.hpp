// The shapes that load and simulation results share, as JSON.
//
// Keys keep the order in which they are set and numbers print in their shortest exact form, so
// equal results are equal bytes. Only the declaration of the JSON type is needed to include this; a
// file that builds documents includes <nlohmann/json.hpp> itself.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>

#include "headgate/stats/expectation.hpp"
#include "headgate/stats/histogram.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/totals.hpp"

namespace headgate::report {

using Json = nlohmann::ordered_json;

/// One quantile that every report shows: {"p99", "p99_ns", 0.99}.
struct NamedQuantile {
  std::string_view name;
  std::string_view key;
  double q;
};

/// p50, p90, p95, p99, p999, in this order.
[[nodiscard]] std::span<const NamedQuantile> named_quantiles() noexcept;

/// {"count", "mean_ns", "p50_ns", …, "p999_ns", "max_ns", "hdr"}, and "above_1h", how many were
/// cut to one hour, if any was.
[[nodiscard]] Json timing_json(const stats::Histogram& histogram);
/// {"value", "low", "high", "confidence"}.
[[nodiscard]] Json estimate_json(const stats::Estimate& estimate);
/// The seven counts. Requires: they add up.
[[nodiscard]] Json totals_json(const stats::Totals& totals);
/// {"expect", "passed", "observed"} and "why" where one was given.
[[nodiscard]] Json verdict_json(const stats::Expectation& expectation,
                                const stats::Verdict& verdict);

/// The document as text: two blanks of indentation, UTF-8 (wrong bytes are replaced), a last
/// newline.
[[nodiscard]] std::string to_text(const Json& document);

}  // namespace headgate::report
