// The parts of a request as plans and scenarios write them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "headgate/config/form.hpp"

namespace headgate::config {

/// A whole number that fits 32 bits; at most a million, as more is surely a slip.
[[nodiscard]] Form<std::uint32_t> small(std::int64_t min, std::int64_t max = 1'000'000);
/// One of the methods that a gateway forwards.
[[nodiscard]] Form<std::string> method();
/// What follows the host in a URL: it starts with '/', and has no blank and no fragment.
[[nodiscard]] Form<std::string> request_path();
/// Field names to values. The fields that frame a message are the client's own to write.
[[nodiscard]] Form<std::vector<std::pair<std::string, std::string>>> headers();

}  // namespace headgate::config
