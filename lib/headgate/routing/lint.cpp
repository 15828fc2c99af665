#include "headgate/routing/lint.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

namespace headgate::routing {
namespace {

/// Everything that a match means, in a form in which equal meanings are equal.
struct Meaning {
  std::vector<std::string> hosts;
  PathMatch::Kind kind;
  std::string_view path;
  http::MethodSet methods;
  friend bool operator==(const Meaning&, const Meaning&) = default;
};

std::vector<std::string> hosts_of(const Route& route) {
  std::vector<std::string> hosts = route.match.hosts;
  if (hosts.empty()) hosts.emplace_back();
  std::sort(hosts.begin(), hosts.end());
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());
  return hosts;
}

Meaning meaning_of(const Route& route) {
  return {.hosts = hosts_of(route),
          .kind = route.match.path.kind,
          .path = path_key(route.match.path),
          .methods = methods_of(route)};
}

using Key = std::tuple<std::string, PathMatch::Kind, std::string_view>;

Key key_of(const Route& route, const std::string& host) {
  return {host, route.match.path.kind, path_key(route.match.path)};
}

/// Of the routes before `route` in `ordered`, one that means the same.
std::optional<std::size_t> same_as(std::span<const Route> routes,
                                   std::span<const std::size_t> ordered, std::size_t route) {
  const Meaning meaning = meaning_of(routes[route]);
  for (const std::size_t other : ordered) {
    if (other == route) break;
    if (meaning_of(routes[other]) == meaning) return other;
  }
  return std::nullopt;
}

/// Among routes of one host and path, in their order of precedence: one that takes part of what
/// `route` would take, if together those before it take all of that.
std::optional<std::size_t> taken_by(std::span<const Route> routes,
                                    std::span<const std::size_t> ordered, std::size_t route) {
  const http::MethodSet wanted = methods_of(routes[route]);
  http::MethodSet taken;
  std::optional<std::size_t> by;
  for (const std::size_t other : ordered) {
    if (other == route) break;
    const http::MethodSet methods = methods_of(routes[other]);
    taken.add(methods);
    if (!by && methods.overlaps(wanted)) by = other;
  }
  return taken.covers(wanted) ? by : std::nullopt;
}

using Groups = std::map<Key, std::vector<std::size_t>>;

/// A route is lost if it is lost for each of its hosts.
std::optional<Overlap> overlap_of(std::span<const Route> routes, const Groups& groups,
                                  std::size_t route) {
  std::optional<Overlap> overlap;
  for (const std::string& host : hosts_of(routes[route])) {
    const std::vector<std::size_t>& ordered = groups.at(key_of(routes[route], host));
    const std::optional<std::size_t> by = taken_by(routes, ordered, route);
    if (!by) return std::nullopt;
    // An equal match is in every group of this one, so the first tells.
    if (overlap) continue;
    const std::optional<std::size_t> same = same_as(routes, ordered, route);
    overlap = {.kind = same ? Overlap::Kind::kDuplicate : Overlap::Kind::kShadowed,
               .route = route,
               .by = same.value_or(*by)};
  }
  return overlap;
}

}  // namespace

// Only routes of the same host pattern and the same path can take everything from each other: a
// longer prefix, an exact path or a more specific host always leaves something over. So it is
// enough to look at each such group by itself, and the answer is complete.
std::vector<Overlap> find_overlaps(std::span<const Route> routes) {
  Groups groups;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    for (const std::string& host : hosts_of(routes[i]))
      groups[key_of(routes[i], host)].push_back(i);
  }
  for (auto& [key, indices] : groups) indices = by_precedence(routes, indices);
  std::vector<Overlap> overlaps;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    if (const std::optional<Overlap> overlap = overlap_of(routes, groups, i)) {
      overlaps.push_back(*overlap);
    }
  }
  return overlaps;
}

}  // namespace headgate::routing
