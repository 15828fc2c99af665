#include "headgate/routing/router.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/routing/lint.hpp"

namespace headgate::routing {
namespace {

using http::Method;
using http::MethodSet;
using Kind = PathMatch::Kind;

MethodSet set_of(std::initializer_list<Method> methods) {
  MethodSet set;
  for (const Method method : methods) set.add(method);
  return set;
}

Route route(std::vector<std::string> hosts, Kind kind, std::string path,
            std::initializer_list<Method> methods = {}) {
  return {.name = {},
          .match = {.hosts = std::move(hosts),
                    .path = {.kind = kind, .path = std::move(path)},
                    .methods = set_of(methods)}};
}

/// The index of the route, "404" or "405 ALLOW".
std::string ask(const std::vector<Route>& routes, std::string_view host, std::string_view path,
                Method method = Method::kGet) {
  const Found found = Router::make(routes).value().find(host, path, method);
  if (found.kind == Found::Kind::kRoute) return std::to_string(found.route);
  if (found.kind == Found::Kind::kNotFound) return "404";
  return "405 " + http::to_text(found.allowed);
}

TEST_CASE("router: a prefix matches whole segments") {
  for (const std::string_view prefix : {"/a/b", "/a/b/"}) {
    const std::vector<Route> routes = {route({}, Kind::kPrefix, std::string{prefix})};
    CHECK(ask(routes, "h", "/a/b") == "0");
    CHECK(ask(routes, "h", "/a/b/") == "0");
    CHECK(ask(routes, "h", "/a/b/c") == "0");
    CHECK(ask(routes, "h", "/a/bc") == "404");
    CHECK(ask(routes, "h", "/a") == "404");
    CHECK(ask(routes, "h", "/") == "404");
  }
}

TEST_CASE("router: an exact path matches itself alone, its last slash too") {
  const std::vector<Route> routes = {route({}, Kind::kExact, "/a"), route({}, Kind::kExact, "/b/")};
  CHECK(ask(routes, "h", "/a") == "0");
  CHECK(ask(routes, "h", "/a/") == "404");
  CHECK(ask(routes, "h", "/b/") == "1");
  CHECK(ask(routes, "h", "/b") == "404");
}

TEST_CASE("router: exact goes before prefix, a longer prefix before a shorter one") {
  const std::vector<Route> routes = {route({}, Kind::kPrefix, "/"), route({}, Kind::kPrefix, "/a"),
                                     route({}, Kind::kPrefix, "/a/b"),
                                     route({}, Kind::kExact, "/a/b")};
  CHECK(ask(routes, "h", "/a/b") == "3");
  CHECK(ask(routes, "h", "/a/b/c") == "2");
  CHECK(ask(routes, "h", "/a/x/y/z") == "1");
  CHECK(ask(routes, "h", "/x") == "0");
  CHECK(ask(routes, "h", "/") == "0");
}

TEST_CASE("router: the most specific host with a match wins") {
  const std::vector<Route> routes = {route({}, Kind::kExact, "/exact"),
                                     route({"*.com"}, Kind::kPrefix, "/"),
                                     route({"*.example.com"}, Kind::kPrefix, "/"),
                                     route({"api.example.com"}, Kind::kPrefix, "/a")};
  CHECK(ask(routes, "api.example.com", "/a") == "3");
  CHECK(ask(routes, "api.example.com", "/b") == "2");  // its own host has no route for it
  CHECK(ask(routes, "x.y.example.com", "/") == "2");
  CHECK(ask(routes, "example.com", "/") == "1");  // a wildcard stands for one label at least
  CHECK(ask(routes, "com", "/") == "404");
  CHECK(ask(routes, "api.example.com", "/exact") == "2");  // the host counts before the path
  CHECK(ask(routes, "other.net", "/exact") == "0");
  CHECK(ask(routes, "", "/exact") == "0");
}

TEST_CASE(
    "router: a route that names methods goes before one that takes all, then the file's order") {
  const std::vector<Route> routes = {route({}, Kind::kPrefix, "/"),
                                     route({}, Kind::kPrefix, "/", {Method::kGet}),
                                     route({}, Kind::kPrefix, "/", {Method::kGet, Method::kPost})};
  CHECK(ask(routes, "h", "/", Method::kGet) == "1");
  CHECK(ask(routes, "h", "/", Method::kPost) == "2");
  CHECK(ask(routes, "h", "/", Method::kDelete) == "0");
}

TEST_CASE("router: a method that no matching route takes is answered with those that are") {
  const std::vector<Route> routes = {route({"h"}, Kind::kExact, "/a", {Method::kPost}),
                                     route({}, Kind::kPrefix, "/a", {Method::kPut}),
                                     route({}, Kind::kPrefix, "/b", {Method::kDelete})};
  CHECK(ask(routes, "h", "/a", Method::kGet) == "405 POST, PUT");
  CHECK(ask(routes, "h", "/a", Method::kPut) == "1");  // a less specific route that takes it wins
  CHECK(ask(routes, "h", "/c", Method::kGet) == "404");
}

TEST_CASE("router: no routes, no match; an asterisk is no path") {
  CHECK(ask({}, "h", "/") == "404");
  CHECK(ask({route({}, Kind::kPrefix, "/")}, "h", "*", Method::kOptions) == "404");
  CHECK(Router::make(std::vector<Route>{route({}, Kind::kPrefix, "/")}).value().size() == 1);
}

TEST_CASE("router: what can never match is an error that says where") {
  const auto fault = [](const Route& wrong) {
    const std::vector<Route> routes = {route({}, Kind::kPrefix, "/"), wrong};
    const Error error = Router::make(routes).error();
    CHECK(error.code == Errc::kInvalidConfig);
    return error.where;
  };
  for (const std::string host : {"", "*", "a.*", "*.a.*", "A.com", "a.com.", "a:80", "a b", "*."}) {
    CAPTURE(host);
    CHECK(fault(route({host}, Kind::kPrefix, "/")) == "/1/match/hosts");
  }
  for (const std::string path :
       {"", "a", "/a//b", "/a/../b", "/%61", "/a%2fb", "/a?b", "/a#b", "/%"}) {
    CAPTURE(path);
    CHECK(fault(route({}, Kind::kPrefix, path)) == "/1/match/path");
  }
  CHECK(path_fault("/%61").value() == "can never match: requests have it as /a");
}

// The definition, read off route.hpp, as an oracle: every route is tried, the best is kept.

bool host_matches(const std::string& pattern, std::string_view host) {
  if (pattern.empty()) return true;
  if (!pattern.starts_with("*.")) return pattern == host;
  return host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
}

bool path_matches(const PathMatch& match, const std::string& path) {
  if (match.kind == Kind::kExact) return match.path == path;
  const std::string folder = match.path.ends_with('/') ? match.path : match.path + "/";
  return (path + "/").starts_with(folder);
}

/// Greater is more specific: host (exact, then by length), exact path, length, methods, file order.
using Rank = std::tuple<bool, std::size_t, bool, std::size_t, bool, int>;

std::string oracle(const std::vector<Route>& routes, const std::string& host,
                   const std::string& path, Method method) {
  std::optional<std::pair<Rank, std::size_t>> best;
  MethodSet allowed;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const Match& match = routes[i].match;
    const std::vector<std::string> hosts =
        match.hosts.empty() ? std::vector<std::string>{""} : match.hosts;
    for (const std::string& pattern : hosts) {
      if (!host_matches(pattern, host) || !path_matches(match.path, path)) continue;
      const MethodSet methods = match.methods.empty() ? MethodSet::all() : match.methods;
      allowed.add(methods);
      if (!methods.has(method)) continue;
      const bool slash = match.path.kind == Kind::kPrefix && match.path.path.ends_with('/');
      const Rank rank{!pattern.empty() && pattern[0] != '*',
                      pattern.size(),
                      match.path.kind == Kind::kExact,
                      match.path.path.size() - (slash ? 1 : 0),
                      !match.methods.empty(),
                      -static_cast<int>(i)};
      if (!best || rank > best->first) best = {rank, i};
    }
  }
  if (best) return std::to_string(best->second);
  return allowed.empty() ? "404" : "405 " + http::to_text(allowed);
}

template <class T>
const T& one_of(const std::vector<T>& values, Random& random) {
  return values[random.below(values.size())];
}

const std::vector<std::string> kHosts = {"a.com", "b.a.com", "c.b.a.com", "com", "x.net", ""};
const std::vector<std::string> kPatterns = {"a.com", "b.a.com",   "*.a.com",
                                            "*.com", "*.b.a.com", "x.net"};
const std::vector<std::string> kSegments = {
    "a", "b", "ab", "a-segment-of-more-than-sixty-three-bytes-in-all-so-that-it-shares-a-bit"};
const std::vector<Method> kMethods = {Method::kGet, Method::kPost, Method::kPut};

std::string random_path(Random& random) {
  std::string path;
  for (std::uint64_t i = random.below(4); i > 0; --i) path += "/" + one_of(kSegments, random);
  return path.empty() || random.below(4) == 0 ? path + "/" : path;
}

std::vector<Route> random_routes(Random& random) {
  std::vector<Route> routes(1 + random.below(30));
  for (Route& made : routes) {
    for (std::uint64_t i = random.below(3); i > 0; --i) {
      made.match.hosts.push_back(one_of(kPatterns, random));
    }
    made.match.path.kind = random.below(2) == 0 ? Kind::kExact : Kind::kPrefix;
    made.match.path.path = random_path(random);
    for (std::uint64_t i = random.below(3); i > 0; --i)
      made.match.methods.add(one_of(kMethods, random));
  }
  return routes;
}

TEST_CASE("router: agrees with trying every route") {
  Random random(1);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Route> routes = random_routes(random);
    const Router router = Router::make(routes).value();
    for (int i = 0; i < 100; ++i) {
      const std::string host = one_of(kHosts, random);
      const std::string path = random_path(random);
      const Method method = one_of(kMethods, random);
      const Found found = router.find(host, path, method);
      const std::string answer = found.kind == Found::Kind::kRoute ? std::to_string(found.route)
                                 : found.kind == Found::Kind::kNotFound
                                     ? "404"
                                     : "405 " + http::to_text(found.allowed);
      if (answer != oracle(routes, host, path, method)) {
        CAPTURE(round, host, path, answer);
        FAIL_CHECK("the definition says " << oracle(routes, host, path, method));
      }
    }
  }
}

TEST_CASE("overlaps: equal matches are duplicates, however they are written") {
  const std::vector<Route> routes = {route({"a", "b"}, Kind::kPrefix, "/x", {Method::kGet}),
                                     route({"b", "a", "a"}, Kind::kPrefix, "/x/", {Method::kGet}),
                                     route({"a"}, Kind::kExact, "/x", {Method::kGet}),
                                     route({}, Kind::kPrefix, "/x")};
  CHECK(find_overlaps(routes) == std::vector<Overlap>{{Overlap::Kind::kDuplicate, 1, 0}});
}

TEST_CASE("overlaps: a route is shadowed when those before it take all of its methods") {
  const std::vector<Route> routes = {
      route({"a"}, Kind::kPrefix, "/"),
      route({"a"}, Kind::kPrefix, "/", {Method::kGet, Method::kPost}),
      route({"a"}, Kind::kPrefix, "/", {Method::kPost}),
      route({"a", "b"}, Kind::kPrefix, "/", {Method::kGet})};
  // 1 goes before 0, which still takes other methods; 2 is left nothing; 3 still has host b.
  CHECK(find_overlaps(routes) == std::vector<Overlap>{{Overlap::Kind::kShadowed, 2, 1}});
  CHECK(find_overlaps({}).empty());
}

TEST_CASE("overlaps: a route is reported if and only if no request reaches it") {
  // The oracle asks every host, path and method that can tell any two of these routes apart.
  std::vector<std::string> paths = {"/"};
  for (std::size_t first = 0; first < paths.size() && paths.size() < 100; ++first) {
    for (const std::string& segment : kSegments) {
      paths.push_back((paths[first] == "/" ? "" : paths[first]) + "/" + segment);
    }
  }
  const std::size_t without_slash = paths.size();
  for (std::size_t i = 1; i < without_slash; ++i) paths.push_back(paths[i] + "/");
  for (std::size_t i = 0; i < without_slash; ++i) paths.push_back(paths[i] + "/other");
  std::vector<std::string> hosts = kHosts;
  hosts.insert(hosts.end(), {"z.a.com", "z.b.a.com", "z.com", "z"});
  std::vector<Method> methods = kMethods;
  methods.insert(methods.end(), {Method::kHead, Method::kPatch, Method::kDelete, Method::kOptions});

  Random random(2);
  std::size_t reported = 0;
  for (int round = 0; round < 60; ++round) {
    const std::vector<Route> routes = random_routes(random);
    const Router router = Router::make(routes).value();
    std::vector<bool> reached(routes.size());
    for (const std::string& host : hosts) {
      for (const std::string& path : paths) {
        for (const Method method : methods) {
          const Found found = router.find(host, path, method);
          if (found.kind == Found::Kind::kRoute) reached[found.route] = true;
        }
      }
    }
    std::vector<bool> unreached(routes.size());
    for (const Overlap& overlap : find_overlaps(routes)) unreached[overlap.route] = true;
    for (std::size_t i = 0; i < routes.size(); ++i) {
      CAPTURE(round, i, routes[i].match.path.path);
      CHECK(reached[i] != unreached[i]);
      reported += unreached[i] ? 1 : 0;
    }
  }
  CHECK(reported > 20);  // the oracle has seen both answers
}

}  // namespace
}  // namespace headgate::routing
