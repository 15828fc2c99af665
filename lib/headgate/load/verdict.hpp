// What is said of a finished run, of requests and of messages alike: its timings' figures, what
// became of its expectations, and why it is not valid.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/report/sheet.hpp"
#include "headgate/stats/expectation.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::load {

/// An expectation and what became of it.
struct Judged {
  stats::Expectation expectation;
  stats::Verdict verdict;
};

/// The figure of that name, in the unit of its kind; nothing if the run has none.
using Figure = std::function<std::optional<double>(std::string_view)>;

/// `mean`, `max` or a quantile by its name, in nanoseconds. Of an empty histogram nothing: a figure
/// of nothing must not pass.
[[nodiscard]] std::optional<double> timing_figure(const stats::Histogram& histogram,
                                                  std::string_view which);

[[nodiscard]] std::vector<Judged> judge_by(const Figure& figure,
                                           const std::vector<stats::Expectation>& expect);
[[nodiscard]] bool all_passed(const std::vector<Judged>& expect) noexcept;

[[nodiscard]] nlohmann::ordered_json judged_json(const std::vector<Judged>& expect);
/// A line `expect` for each.
[[nodiscard]] std::string judged_text(const std::vector<Judged>& expect, bool colour);
/// A line `verdict` for each cause; without one, that it is valid, and `evidence` of that.
[[nodiscard]] std::string validity_text(const std::vector<std::string>& causes,
                                        std::string_view evidence, bool colour);

/// As test cases for CI: that the run is valid, then each expectation. The figures of one that is
/// not cannot fail an expectation: that is in doubt then.
[[nodiscard]] std::vector<report::SheetCheck> checks_of(const std::vector<std::string>& causes,
                                                        const std::vector<Judged>& expect);

}  // namespace headgate::load
