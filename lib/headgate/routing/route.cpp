#include "headgate/routing/route.hpp"

#include <algorithm>
#include <array>

#include "headgate/http/authority.hpp"
#include "headgate/http/uri.hpp"

namespace headgate::routing {

std::optional<std::string> host_fault(std::string_view host) {
  if (host.starts_with("*.")) host.remove_prefix(2);
  if (host.find('*') != std::string_view::npos) {
    return "only the whole first label can be a wildcard, as in *.example.com";
  }
  const std::optional<http::Authority> authority = http::parse_authority(host);
  if (!authority) return "must be a host such as api.example.com";
  if (authority->port != 0) return "must be a host without a port";
  std::array<char, http::kHostMax> scratch;
  if (http::canonical_host(host, scratch) != host) {
    return "must be in lower case, without a dot at its end";
  }
  return std::nullopt;
}

std::optional<std::string> path_fault(std::string_view path) {
  if (!path.starts_with('/')) return "must start with /";
  if (path.find_first_of("?#\\ ") != std::string_view::npos) {
    return "must be a path alone, without query, fragment, backslash or blank";
  }
  std::string scratch(path.size(), '\0');
  const std::expected<std::string_view, http::Reason> canonical =
      http::canonical_path(path, scratch);
  if (!canonical) return std::string{http::describe(canonical.error())};
  if (*canonical != path) return "can never match: requests have it as " + std::string{*canonical};
  return std::nullopt;
}

std::string_view path_key(const PathMatch& path) noexcept {
  std::string_view key = path.path;
  if (path.kind == PathMatch::Kind::kPrefix && key.ends_with('/')) key.remove_suffix(1);
  return key;
}

std::vector<std::size_t> by_precedence(std::span<const Route> routes,
                                       std::span<const std::size_t> indices) {
  std::vector<std::size_t> ordered(indices.begin(), indices.end());
  std::sort(ordered.begin(), ordered.end(), [routes](std::size_t a, std::size_t b) {
    const bool a_takes_all = routes[a].match.methods.empty();
    const bool b_takes_all = routes[b].match.methods.empty();
    return a_takes_all != b_takes_all ? b_takes_all : a < b;
  });
  ordered.erase(std::unique(ordered.begin(), ordered.end()), ordered.end());
  return ordered;
}

http::MethodSet methods_of(const Route& route) noexcept {
  return route.match.methods.empty() ? http::MethodSet::all() : route.match.methods;
}

}  // namespace headgate::routing
