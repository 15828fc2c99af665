// Routes compiled for look-up: immutable, shared by all workers, replaced as a whole.
//
// Hosts are a hash table: a request asks for its host, then for each wildcard above it, then for
// the routes of every host; the first of these that has a route for the path and the method wins.
// Within a host, one hash table has all exact paths and all prefixes; a prefix is asked at each `/`
// of the path, longest first, within the lengths that occur. The cost is that of the path, not of
// the number of routes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/http/method.hpp"
#include "headgate/routing/route.hpp"
#include "headgate/routing/text_index.hpp"

namespace headgate::routing {

/// The answer of a router.
struct Found {
  enum class Kind : std::uint8_t {
    kRoute,
    kNotFound,          ///< 404
    kMethodNotAllowed,  ///< 405: host and path match routes, none of which takes the method
  };
  Kind kind = Kind::kNotFound;
  std::size_t route = 0;    ///< of kRoute: index into the routes given to make
  http::MethodSet allowed;  ///< of kMethodNotAllowed: what those routes take, for the Allow field
};

class Router {
 public:
  /// Takes every route that could match; equal routes are legal (the first wins; see lint.hpp).
  /// Fails with kInvalidConfig, `where` = "/INDEX/match/hosts" or "/INDEX/match/path".
  [[nodiscard]] static Result<Router> make(std::span<const Route> routes);

  /// The route for a request. `host` as http::canonical_host gives it (or empty), `path` as
  /// http::canonical_path does. O(length), no allocation, any number of threads at once.
  [[nodiscard]] Found find(std::string_view host, std::string_view path,
                           http::Method method) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return route_count_; }

 private:
  /// One way to a route: a route has as many as it has hosts.
  struct Candidate {
    std::uint32_t route;
    http::MethodSet methods;
  };
  /// The routes of one host and one path, first choice first.
  struct Entry {
    std::uint32_t first;  // into candidates_
    std::uint32_t count;
  };
  /// What is known of one host pattern, to ask only for prefixes that can be there.
  struct Host {
    std::uint64_t prefix_sizes = 0;  // bit n: a prefix of n bytes; bit 63: of 63 or more
    std::size_t prefix_size_max = 0;
    bool has_prefixes = false;
  };

  Router() = default;
  void add_entry(std::uint32_t host, const PathMatch& path, std::span<const Route> routes,
                 std::span<const std::size_t> indices);
  /// Looks among the routes of one host; gathers in `allowed` what they would have taken.
  [[nodiscard]] std::uint32_t find_in(std::uint32_t host, std::string_view path,
                                      http::Method method, http::MethodSet& allowed) const noexcept;
  [[nodiscard]] std::uint32_t choose(std::uint64_t space, std::string_view key, http::Method method,
                                     http::MethodSet& allowed) const noexcept;

  TextIndex hosts_;  // the number of a host pattern is its index in host_facts_
  std::vector<Host> host_facts_;
  TextIndex paths_;  // the number of a host's path is its index in entries_
  std::vector<Entry> entries_;
  std::vector<Candidate> candidates_;
  std::size_t route_count_ = 0;
  bool has_wildcards_ = false;
};

}  // namespace headgate::routing
