// A run that was written to a file, as it was: what `report`, `merge` and `compare` work on.
#pragma once

#include <string>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/load/summary.hpp"

namespace headgate::load {

/// The run of a result document. What `to_json` writes of it are the same bytes again; its timings
/// are equal to those that were written (see stats::restored). Of a document from before a timing
/// was recorded that timing is empty. Fails with kCorrupt: `where` is `where` with the JSON pointer
/// of the part that is wrong (`a.json:/totals/ok`).
[[nodiscard]] Result<Summary> parse_result(std::string_view text, const std::string& where);

/// The same of a file; fails with kIo too.
[[nodiscard]] Result<Summary> read_result(const std::string& path);

}  // namespace headgate::load
