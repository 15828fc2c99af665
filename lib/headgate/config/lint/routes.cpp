// Routes: which request goes where, asked of the router that will decide it.
#include <fmt/format.h>

#include <array>

#include "headgate/config/lint/rules.hpp"
#include "headgate/http/authority.hpp"
#include "headgate/http/method.hpp"
#include "headgate/http/uri.hpp"
#include "headgate/routing/lint.hpp"
#include "headgate/routing/router.hpp"

namespace headgate::config::lint {
namespace {

std::string path_of(std::size_t route) { return fmt::format("routes.{}.match", route); }

void report_overlaps(Subject& subject, const std::vector<routing::Route>& routes) {
  for (const routing::Overlap& overlap : routing::find_overlaps(routes)) {
    const std::string& loser = routes[overlap.route].name;
    const std::string& winner = routes[overlap.by].name;
    if (overlap.kind == routing::Overlap::Kind::kDuplicate) {
      subject.report("GW101", path_of(overlap.route),
                     fmt::format("route '{}' matches the same requests as '{}'", loser, winner),
                     fmt::format("'{}' takes them all", winner));
    } else {
      subject.report("GW102", path_of(overlap.route),
                     fmt::format("route '{}' is never reached", loser),
                     fmt::format("'{}' takes all its requests", winner));
    }
  }
}

void report_slash(Subject& subject, const routing::PathMatch& match, std::size_t route) {
  const std::string& path = match.path;
  if (match.kind != routing::PathMatch::Kind::kPrefix || path.size() < 2 || !path.ends_with('/')) {
    return;
  }
  const std::string bare = path.substr(0, path.size() - 1);
  subject.report("GW103", path_of(route) + ".path.prefix",
                 fmt::format("the prefix '{}' matches '{}' too", path, bare),
                 fmt::format("write '{}': a prefix ends at a segment anyway", bare));
}

/// The name of the route that takes the request of `test`, or "none".
std::string route_of(const RouteTest& test, const routing::Router& router,
                     const std::vector<routing::Route>& routes) {
  std::string host = test.host;
  std::string path = test.target.substr(0, test.target.find('?'));
  const auto canonical = http::canonical_path(path, path);
  if (!canonical) return "none";  // answered 400 before any route is asked
  const routing::Found found =
      router.find(http::canonical_host(host, host), *canonical, http::method_of(test.method));
  return found.kind == routing::Found::Kind::kRoute ? routes[found.route].name : "none";
}

void run_tests(Subject& subject, const std::vector<routing::Route>& routes) {
  const Result<routing::Router> router = routing::Router::make(routes);
  if (!router) return;  // its reasons are those of GW001 and GW104
  const std::vector<RouteTest>& tests = subject.config().tests;
  for (std::size_t i = 0; i < tests.size(); ++i) {
    const std::string path = fmt::format("tests.{}", i);
    if (!subject.is_sound(path)) continue;
    const std::string taken_by = route_of(tests[i], *router, routes);
    if (taken_by == tests[i].route) continue;
    subject.report("GW008", path + ".request",
                   fmt::format("'{}' takes this request, not '{}'", taken_by, tests[i].route));
  }
}

}  // namespace

void check_routes(Subject& subject) {
  std::vector<routing::Route> routes;
  for (const RouteConfig& route : subject.config().routes) {
    routes.push_back({route.name, route.match});
  }
  for (std::size_t i = 0; i < routes.size(); ++i) report_slash(subject, routes[i].match.path, i);
  if (!subject.is_sound("routes")) return;  // a match that was not read would match everything
  report_overlaps(subject, routes);
  run_tests(subject, routes);
}

}  // namespace headgate::config::lint
