// What can be said about a set of routes without a request: which are written twice, and which can
// never be reached because another takes all that they match.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "headgate/routing/route.hpp"

namespace headgate::routing {

struct Overlap {
  enum class Kind : std::uint8_t {
    kDuplicate,  ///< both match exactly the same requests
    kShadowed,   ///< every request of `route` goes to another route
  };
  Kind kind = Kind::kDuplicate;
  std::size_t route = 0;  ///< the one that never wins
  std::size_t by = 0;     ///< (one of) the route(s) that take(s) its requests
  friend bool operator==(const Overlap&, const Overlap&) = default;
};

/// In the order of the routes that never win. Requires: routes that Router::make accepts.
/// O(n log n) in the number of routes times their hosts; quadratic only among routes that share one
/// host and one path.
[[nodiscard]] std::vector<Overlap> find_overlaps(std::span<const Route> routes);

}  // namespace headgate::routing
