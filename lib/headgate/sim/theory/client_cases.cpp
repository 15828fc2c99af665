// Cases of what clients do: wait for the last answer before they ask again, give up, try again.
#include <fmt/format.h>

#include <cmath>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

void add_closed(CaseList& list) {
  list.family({"closed loop", "mean value analysis; with several servers the repair model M/M/c//N",
               "M. Reiser, S. Lavenberg, JACM 27(2), 1980; L. Kleinrock, 3.8"});
  const auto add = [&list](std::uint32_t clients, std::uint32_t servers, bool quick) {
    const Closed exact = closed_loop(clients, servers, 9);
    auto scenario =
        to_scenario(Direct{.arrivals = fmt::format(
                               "{{closed: {{clients: {}, think: {{exponential: 9ms}}}}}}", clients),
                           .body = fmt::format("servers: {}, time: {}", servers, kExponential)});
    std::vector<Claim> claims{time_claim("response_time.mean", exact.response, .01),
                              count_claim("throughput", exact.throughput * 1000, .01)};
    // Servers that are never idle in a whole run are 100 % busy without any interval.
    if (exact.busy < .99) claims.push_back(count_claim("services.s.utilisation", exact.busy, .01));
    auto name = fmt::format("{} clients, {} server{}", clients, servers, servers == 1 ? "" : "s");
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(1, 1, false);
  add(5, 1, false);
  add(10, 1, true);
  add(20, 1, false);
  add(50, 1, false);
  add(40, 4, false);
}

void add_timeouts(CaseList& list) {
  list.family({"client timeout", "P(T > limit), and the mean of min(T, limit): servers work on",
               "L. Kleinrock, Queueing Systems I, 1975, 3.2 and 3.5"});
  const auto add = [&list](Servers servers, double limit, bool quick) {
    const Tail tail = mmc_response_tail(servers);
    auto scenario = to_scenario(
        Direct{.arrivals = poisson(servers.work),
               .body = fmt::format("servers: {}, time: {}", servers.count, kExponential),
               .clients = fmt::format("timeout: {:g}ms", limit)});
    std::vector<Claim> claims{loss_claim("timed_out_share", tail(limit)),
                              time_claim("response_time.mean", mean_up_to(tail, limit), .01),
                              count_claim("goodput", servers.work * 1000 * (1 - tail(limit)), .01)};
    auto name = fmt::format("{} server{}, load {:g}, timeout {:g} ms", servers.count,
                            servers.count == 1 ? "" : "s", servers.work / servers.count, limit);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add({1, .5}, 4, true);
  add({1, .8}, 5, false);
  add({4, 3.2}, 3, false);
  add({10, 8}, 2, false);
}

// Every attempt at servers that are never short takes an exponential time of its own, so that each
// fails alike, whatever the others did.
void add_retries(CaseList& list) {
  list.family({"retries", "(1 - q^(R+1)) / (1 - q) attempts, q^(R+1) failed, q = P(S > timeout)",
               "geometric series"});
  const auto add = [&list](std::uint32_t retries, double timeout, bool quick) {
    const double fail = std::exp(-timeout);
    const Attempts exact = repeated(fail, retries);
    auto scenario = to_scenario(Gatewayed{
        .arrivals = poisson(5),
        .filter = {},
        .service = fmt::format("timeouts: {{response: {:g}us}}, retry: {{attempts: {}, on: "
                               "[timeout], backoff: {{base: 1ms, max: 1ms, jitter: none}}, "
                               "budget: {{percent: {{share: 100%, min_per_second: 1M}}}}}}",
                               timeout * 1000, retries),
        .body = "servers: 1000, time: {exponential: 1ms}"});
    std::vector<Claim> claims{count_claim("attempts_per_request", exact.per_request, .005),
                              loss_claim("failed_share", exact.failed)};
    auto name = fmt::format("{} retries after {:g} ms", retries, timeout);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(1, 1, true);
  add(3, 1, false);
  add(3, .25, false);
}

}  // namespace

void add_client_cases(CaseList& list) {
  add_closed(list);
  add_timeouts(list);
  add_retries(list);
}

}  // namespace headgate::sim::theory
