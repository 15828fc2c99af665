// System calls per request, counted by strace: a figure without noise, for nothing of it depends on
// how fast the machine is. The floor for a proxy is four (receive and send on either side), and the
// waits for events on top, shared by what one wait delivers.
#pragma once

#include <optional>

#include "slice.hpp"

namespace headgate::study {

/// Calls per request under load for `length`; nothing where strace cannot attach.
[[nodiscard]] std::optional<double> syscalls_per_request(const Gateway& gateway, Duration length);

}  // namespace headgate::study
