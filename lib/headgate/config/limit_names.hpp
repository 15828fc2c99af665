// The names by which clients know the limits of a route, in the fields `RateLimit-Policy` and
// `RateLimit` and in the problem of a refusal: as written, else the route's own name, numbered if
// it has several limits.
#pragma once

#include "headgate/config/form.hpp"
#include "headgate/config/gateway_config.hpp"

namespace headgate::config {

/// A rule of the route's form. Gives each limit without a name its own, and reports two of one name
/// (GW002), and more than fits into the head of an answer (GW001).
void name_limits(const Node& node, Reading& reading, RouteConfig& route);

}  // namespace headgate::config
