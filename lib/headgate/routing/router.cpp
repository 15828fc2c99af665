#include "headgate/routing/router.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace headgate::routing {
namespace {

constexpr std::uint32_t kNone = TextIndex::kNone;

// Spaces of the host index.
constexpr std::uint64_t kNamedHost = 0;
constexpr std::uint64_t kWildcardHost = 1;  // keyed by what follows the '*': ".example.com"
constexpr std::uint64_t kAnyHost = 2;       // keyed by nothing

/// The space of a host's exact paths, or of its prefixes, in the path index.
std::uint64_t space_of(std::uint32_t host, PathMatch::Kind kind) noexcept {
  return 2 * std::uint64_t{host} + (kind == PathMatch::Kind::kPrefix ? 1 : 0);
}

std::uint64_t size_bit(std::size_t size) noexcept {
  return std::uint64_t{1} << std::min<std::size_t>(size, 63);
}

std::string where(std::size_t route, std::string_view member) {
  return "/" + std::to_string(route) + "/match/" + std::string{member};
}

Result<void> check(std::span<const Route> routes) {
  for (std::size_t i = 0; i < routes.size(); ++i) {
    for (const std::string& host : routes[i].match.hosts) {
      if (std::optional<std::string> fault = host_fault(host)) {
        return failed(Errc::kInvalidConfig, where(i, "hosts"), *std::move(fault));
      }
    }
    if (std::optional<std::string> fault = path_fault(routes[i].match.path.path)) {
      return failed(Errc::kInvalidConfig, where(i, "path"), *std::move(fault));
    }
  }
  return {};
}

std::uint32_t add_host(TextIndex& hosts, std::string_view host) {
  if (host.empty()) return hosts.add(kAnyHost, host);
  if (host.starts_with("*.")) return hosts.add(kWildcardHost, host.substr(1));
  return hosts.add(kNamedHost, host);
}

}  // namespace

Result<Router> Router::make(std::span<const Route> routes) {
  if (Result<void> checked = check(routes); !checked) return std::unexpected(checked.error());
  Router router;
  router.route_count_ = routes.size();
  using Group = std::tuple<std::uint32_t, PathMatch::Kind, std::string_view>;
  std::map<Group, std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Match& match = routes[i].match;
    const std::vector<std::string> any = {""};
    for (const std::string& host : match.hosts.empty() ? any : match.hosts) {
      const std::uint32_t number = add_host(router.hosts_, host);
      router.has_wildcards_ = router.has_wildcards_ || host.starts_with("*.");
      groups[{number, match.path.kind, path_key(match.path)}].push_back(i);
    }
  }
  router.host_facts_.resize(router.hosts_.size());
  for (const auto& [key, indices] : groups) {
    router.add_entry(std::get<0>(key), routes[indices.front()].match.path, routes, indices);
  }
  return router;
}

void Router::add_entry(std::uint32_t host, const PathMatch& path, std::span<const Route> routes,
                       std::span<const std::size_t> indices) {
  const std::string_view key = path_key(path);
  paths_.add(space_of(host, path.kind), key);
  const std::size_t first = candidates_.size();
  for (const std::size_t index : by_precedence(routes, indices)) {
    candidates_.push_back(
        {.route = static_cast<std::uint32_t>(index), .methods = methods_of(routes[index])});
  }
  entries_.push_back({.first = static_cast<std::uint32_t>(first),
                      .count = static_cast<std::uint32_t>(candidates_.size() - first)});
  if (path.kind == PathMatch::Kind::kPrefix) {
    Host& facts = host_facts_[host];
    facts.has_prefixes = true;
    facts.prefix_sizes |= size_bit(key.size());
    facts.prefix_size_max = std::max(facts.prefix_size_max, key.size());
  }
}

std::uint32_t Router::choose(std::uint64_t space, std::string_view key, http::Method method,
                             http::MethodSet& allowed) const noexcept {
  const std::uint32_t number = paths_.find(space, key);
  if (number == kNone) return kNone;
  const Entry& entry = entries_[number];
  for (std::uint32_t i = entry.first; i < entry.first + entry.count; ++i) {
    if (candidates_[i].methods.has(method)) return candidates_[i].route;
    allowed.add(candidates_[i].methods);
  }
  return kNone;
}

std::uint32_t Router::find_in(std::uint32_t host, std::string_view path, http::Method method,
                              http::MethodSet& allowed) const noexcept {
  const std::uint64_t exact = space_of(host, PathMatch::Kind::kExact);
  if (const std::uint32_t route = choose(exact, path, method, allowed); route != kNone) {
    return route;
  }
  const Host& facts = host_facts_[host];
  if (!facts.has_prefixes) return kNone;
  const std::uint64_t prefixes = space_of(host, PathMatch::Kind::kPrefix);
  // The whole path, then what stands before each of its '/', from the longest.
  for (std::size_t size = path.size();; size = path.rfind('/', size - 1)) {
    if (size <= facts.prefix_size_max && (facts.prefix_sizes & size_bit(size)) != 0) {
      const std::uint32_t route = choose(prefixes, path.substr(0, size), method, allowed);
      if (route != kNone) return route;
    }
    if (size == 0) return kNone;
  }
}

Found Router::find(std::string_view host, std::string_view path,
                   http::Method method) const noexcept {
  Found found;
  const auto ask = [&](std::uint64_t space, std::string_view pattern) {
    const std::uint32_t number = hosts_.find(space, pattern);
    if (number == kNone) return false;
    const std::uint32_t route = find_in(number, path, method, found.allowed);
    if (route == kNone) return false;
    found = {.kind = Found::Kind::kRoute, .route = route, .allowed = {}};
    return true;
  };
  if (path.empty() || path[0] != '/') return found;
  if (!host.empty() && ask(kNamedHost, host)) return found;
  if (has_wildcards_) {
    // A wildcard stands for one label or more: the dot after the first character is the first
    // asked.
    for (std::size_t dot = host.find('.', 1); dot < host.size(); dot = host.find('.', dot + 1)) {
      if (ask(kWildcardHost, host.substr(dot))) return found;
    }
  }
  if (ask(kAnyHost, {})) return found;
  if (!found.allowed.empty()) found.kind = Found::Kind::kMethodNotAllowed;
  return found;
}

}  // namespace headgate::routing
