// TLS handshakes: how fast connections of one request each are made, and what one costs the client.
#pragma once

#include <string>
#include <vector>

#include "contest.hpp"

namespace headgate::study {

/// The first row is ours. The generators take turns; each run makes `connections` handshakes at
/// once.
[[nodiscard]] std::vector<Standing> measure_handshakes(std::size_t rounds, int connections);
[[nodiscard]] std::string handshake_text(const std::vector<Standing>& rows);

}  // namespace headgate::study
