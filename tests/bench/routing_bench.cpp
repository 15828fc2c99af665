// What finding a route costs, with one route and with ten thousand: it should hardly differ.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/routing/lint.hpp"
#include "headgate/routing/router.hpp"

namespace headgate::routing {
namespace {

/// A mixed table: a hundred hosts, one in ten a wildcard; per host prefixes of one to three
/// segments, a third exact, a fourth with methods.
std::vector<Route> routes_of(std::size_t count) {
  std::vector<Route> routes(count);
  for (std::size_t i = 0; i < count; ++i) {
    Match& match = routes[i].match;
    const std::size_t host = i % 100;
    match.hosts = {(host % 10 == 0 ? "*.tenant" : "api.tenant") + std::to_string(host) +
                   ".example.com"};
    match.path.path = "/v" + std::to_string(i % 3) + "/service-" + std::to_string(i);
    if (i % 2 == 0) match.path.path += "/items";
    match.path.kind = i % 3 == 0 ? PathMatch::Kind::kExact : PathMatch::Kind::kPrefix;
    if (i % 4 == 0) match.methods.add(http::Method::kGet);
  }
  return routes;
}

struct Query {
  std::string host;
  std::string path;
};

/// Requests in an order that the processor cannot learn; half of prefixes ask for something below.
std::vector<Query> queries_of(const std::vector<Route>& routes) {
  Random random(1);
  std::vector<Query> queries(4096);
  for (Query& query : queries) {
    const Match& match = routes[random.below(routes.size())].match;
    query.host = match.hosts[0][0] == '*' ? "www" + match.hosts[0].substr(1) : match.hosts[0];
    query.path = match.path.path;
    if (match.path.kind == PathMatch::Kind::kPrefix && random.below(2) == 0) query.path += "/12345";
  }
  return queries;
}

void find(benchmark::State& state) {
  const std::vector<Route> routes = routes_of(static_cast<std::size_t>(state.range(0)));
  const Router router = Router::make(routes).value();
  const std::vector<Query> queries = queries_of(routes);
  std::size_t next = 0;
  std::size_t found = 0;
  for (auto _ : state) {
    const Query& query = queries[next++ % queries.size()];
    found +=
        router.find(query.host, query.path, http::Method::kGet).kind == Found::Kind::kRoute ? 1 : 0;
  }
  if (found != static_cast<std::size_t>(state.iterations()))
    state.SkipWithError("a route is missing");
}
BENCHMARK(find)->Arg(1)->Arg(100)->Arg(10'000);

void build(benchmark::State& state) {
  const std::vector<Route> routes = routes_of(10'000);
  for (auto _ : state) benchmark::DoNotOptimize(Router::make(routes).value());
}
BENCHMARK(build)->Unit(benchmark::kMillisecond);

void lint(benchmark::State& state) {
  const std::vector<Route> routes = routes_of(10'000);
  for (auto _ : state) benchmark::DoNotOptimize(find_overlaps(routes));
}
BENCHMARK(lint)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace headgate::routing
