// What a route matches. Words and precedence follow the Kubernetes Gateway API's HTTPRoute: the
// most specific host first, an exact path before any prefix, a longer prefix before a shorter one,
// a route that names methods before one that takes all, and then the order in the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/http/method.hpp"

namespace headgate::routing {

struct PathMatch {
  enum class Kind : std::uint8_t {
    kExact,   ///< this path and no other
    kPrefix,  ///< this path and everything below it: `/a` matches `/a` and `/a/b`, not `/ab`
  };
  Kind kind = Kind::kPrefix;
  std::string path = "/";  ///< canonical (http::canonical_path); a prefix's last '/' means nothing
  friend bool operator==(const PathMatch&, const PathMatch&) = default;
};

struct Match {
  std::vector<std::string> hosts;  ///< lower case, without port; `*.example.com` for all below it;
                                   ///< none: every host
  PathMatch path;
  http::MethodSet methods;  ///< empty: every method
};

struct Route {
  std::string name;
  Match match;
};

/// Why a host cannot stand in a match (one lower-case clause), or nothing if it can.
[[nodiscard]] std::optional<std::string> host_fault(std::string_view host);
/// The same for a path: it must be canonical.
[[nodiscard]] std::optional<std::string> path_fault(std::string_view path);

// What the router and the search for overlaps must agree on.

/// The path by which equal matches are found: a prefix is without its last '/'.
[[nodiscard]] std::string_view path_key(const PathMatch& path) noexcept;
/// `indices` of routes with equal host and path, first choice first, each once.
[[nodiscard]] std::vector<std::size_t> by_precedence(std::span<const Route> routes,
                                                     std::span<const std::size_t> indices);
/// The methods that the route takes; all of them if it names none.
[[nodiscard]] http::MethodSet methods_of(const Route& route) noexcept;

}  // namespace headgate::routing
