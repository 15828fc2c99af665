// The seconds of a run as JSON: in `series` of the result document, and on their way from an agent
// to who shows the run.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/load/recorder.hpp"
#include "headgate/report/json_part.hpp"
#include "headgate/stats/coarse_histogram.hpp"

namespace headgate::load {

/// An entry of `series`. `scratch` is overwritten: it spares an allocation for each.
[[nodiscard]] nlohmann::ordered_json second_json(std::size_t index, const Second& second,
                                                 stats::CoarseHistogram& scratch);
/// And back: all of it, exactly.
[[nodiscard]] Second read_second(const report::JsonPart& part);
[[nodiscard]] stats::Totals read_totals(const report::JsonPart& part);

/// Some of them in one line.
[[nodiscard]] std::string to_line(std::span<const Second> seconds);
/// And back. Fails with kCorrupt, whatever the text.
[[nodiscard]] Result<std::vector<Second>> read_seconds(std::string_view line);

}  // namespace headgate::load
