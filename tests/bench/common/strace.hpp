// What strace has counted.
#pragma once

#include <optional>
#include <string>

namespace headgate::study {

/// All calls in the summary that `strace -c -o FILE` leaves in `file`; nothing if there is none.
[[nodiscard]] std::optional<double> calls_counted(const std::string& file);

}  // namespace headgate::study
