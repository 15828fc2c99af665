// TLS handshakes: how fast connections of one request each are made, and what one costs the client.
#pragma once

#include <string>
#include <vector>

#include "contestant.hpp"

namespace headgate::study {

struct HandshakeRow {
  std::string name;
  std::vector<Outing> rounds;
};

/// The first row is ours. The generators take turns; each run makes `connections` handshakes at
/// once.
[[nodiscard]] std::vector<HandshakeRow> measure_handshakes(std::size_t rounds, int connections);
[[nodiscard]] std::string handshake_text(const std::vector<HandshakeRow>& rows);

}  // namespace headgate::study
