// Cases of exponential servers behind one queue, with and without a last place.
#include <fmt/format.h>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

std::string servers_body(std::uint32_t servers, std::string_view time) {
  return fmt::format("servers: {}, time: {}", servers, time);
}

std::string one_server(double load, std::uint64_t jobs) {
  return to_scenario(
      Direct{.arrivals = poisson(load), .body = servers_body(1, kExponential), .jobs = jobs});
}

void add_mm1(CaseList& list) {
  list.family({"M/M/1", "the response time is exponential of mean 1 / (1 - load)",
               "L. Kleinrock, Queueing Systems I, 1975, 3.2"});
  const auto response = [](double load, double p) {
    return quantile(mmc_response_tail({1, load}), p);
  };
  const auto mean = [](double load) { return 1 + mmc_wait({1, load}); };
  list.add_quick(
      "load 0.5", one_server(.5, 30'000),
      {time_claim("response_time.mean", mean(.5), .01),
       time_claim("response_time.p50", response(.5, .5), .02),
       time_claim("response_time.p95", response(.5, .95), .02),
       time_claim("response_time.p99", response(.5, .99), .02),
       time_claim("queue_time.mean", mmc_wait({1, .5}), .02),
       count_claim("services.s.queue.mean", .5 * mmc_wait({1, .5}), .02),
       count_claim("services.s.utilisation", .5, .01), count_claim("waited_share", .5, .01)});
  list.add("load 0.5, the far tail", one_server(.5, 150'000),
           {time_claim("response_time.p999", response(.5, .999), .03)});
  list.add("load 0.7", one_server(.7, 100'000),
           {time_claim("response_time.mean", mean(.7), .01),
            time_claim("response_time.p99", response(.7, .99), .02)});
  list.add("load 0.8", one_server(.8, 150'000),
           {time_claim("response_time.mean", mean(.8), .015),
            time_claim("response_time.p50", response(.8, .5), .02),
            time_claim("response_time.p95", response(.8, .95), .03)});
  list.add("load 0.9", one_server(.9, 200'000),
           {time_claim("response_time.mean", mean(.9), .02),
            time_claim("response_time.p50", response(.9, .5), .03),
            time_claim("response_time.p95", response(.9, .95), .03)});
}

void add_mmc_case(CaseList& list, Servers servers, std::uint64_t jobs, bool quick = false) {
  const Tail response = mmc_response_tail(servers);
  auto scenario = to_scenario(Direct{.arrivals = poisson(servers.work),
                                     .body = servers_body(servers.count, kExponential),
                                     .jobs = jobs});
  std::vector<Claim> claims{{"waited_share", erlang_c(servers), .005},
                            time_claim("response_time.mean", 1 + mmc_wait(servers), .01),
                            time_claim("response_time.p50", quantile(response, .5), .02),
                            time_claim("response_time.p99", quantile(response, .99), .02)};
  // Where few wait their mean wait is dear: its interval shrinks slowest of all.
  if (servers.count <= 4) {
    claims.push_back(time_claim("queue_time.mean", mmc_wait(servers), .02));
  }
  auto name = fmt::format("{} servers, load {:g}", servers.count, servers.work / servers.count);
  if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
  list.add(std::move(name), std::move(scenario), std::move(claims));
}

void add_mmc(CaseList& list) {
  list.family({"M/M/c", "Erlang C; wait and service are exponential",
               "A. K. Erlang, 1917; L. Kleinrock, Queueing Systems I, 1975, 3.5"});
  add_mmc_case(list, {2, 1.4}, 100'000);
  add_mmc_case(list, {4, 3.2}, 100'000);
  add_mmc_case(list, {10, 7}, 30'000, /*quick=*/true);
  add_mmc_case(list, {10, 8}, 150'000);
  add_mmc_case(list, {32, 25.6}, 200'000);
  add_mmc_case(list, {100, 85}, 150'000);
}

void add_finite_case(CaseList& list, Servers servers, std::uint32_t places, bool quick = false) {
  const Finite exact = mmck(servers, places);
  auto scenario =
      to_scenario(Direct{.arrivals = poisson(servers.work),
                         .body = fmt::format("servers: {}, queue: {}, time: {}", servers.count,
                                             places - servers.count, kExponential)});
  std::vector<Claim> claims{loss_claim("refused_share", exact.refused),
                            time_claim("response_time.mean", exact.response, .015),
                            count_claim("goodput", servers.work * 1000 * (1 - exact.refused), .01)};
  auto name = fmt::format("{} of {} places, load {:g}", servers.count, places,
                          servers.work / servers.count);
  if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
  list.add(std::move(name), std::move(scenario), std::move(claims));
}

void add_mmck(CaseList& list) {
  list.family({"M/M/c/K", "the birth and death chain with a last place",
               "L. Kleinrock, Queueing Systems I, 1975, 3.6"});
  add_finite_case(list, {1, .8}, 10, /*quick=*/true);
  add_finite_case(list, {1, 1.2}, 10);
  add_finite_case(list, {1, 1.2}, 100);
  add_finite_case(list, {4, 3.8}, 8);
  add_finite_case(list, {10, 10}, 20);
  add_finite_case(list, {10, 12}, 50);
}

void add_loss_case(CaseList& list, Servers servers, std::string_view kind, std::string_view time,
                   bool quick = false) {
  auto scenario = to_scenario(
      Direct{.arrivals = poisson(servers.work),
             .body = fmt::format("servers: {}, queue: 0, time: {}", servers.count, time)});
  const double lost = erlang_b(servers);
  std::vector<Claim> claims{
      loss_claim("refused_share", lost),
      count_claim("services.s.utilisation", servers.work * (1 - lost) / servers.count, .01)};
  auto name = fmt::format("{} servers, work {:g}, {}", servers.count, servers.work, kind);
  if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
  list.add(std::move(name), std::move(scenario), std::move(claims));
}

void add_erlang_b(CaseList& list) {
  list.family({"M/G/c/c", "Erlang B, whatever the distribution of the service",
               "A. K. Erlang, 1917; B. Sevastyanov, Theory Probab. Appl. 2(1), 1957"});
  add_loss_case(list, {5, 5}, "exponential", kExponential, /*quick=*/true);
  add_loss_case(list, {5, 5}, "constant", kConstant);
  add_loss_case(list, {5, 5}, "lognormal", "{lognormal: {mean: 1ms, cv: 2}}");
  add_loss_case(list, {5, 5}, "hyperexponential", "{hyperexponential: {mean: 1ms, cv2: 10}}");
  add_loss_case(list, {10, 8}, "erlang", "{erlang: {mean: 1ms, stages: 4}}");
  add_loss_case(list, {20, 20}, "weibull", "{weibull: {mean: 1ms, shape: 0.7}}");
  add_loss_case(list, {50, 45}, "gamma", "{gamma: {mean: 1ms, cv2: 3}}");
  add_loss_case(list, {100, 100}, "uniform", "{uniform: [0ms, 2ms]}");
  add_loss_case(list, {100, 120}, "exponential", kExponential);
}

}  // namespace

void add_queue_cases(CaseList& list) {
  add_mm1(list);
  add_mmc(list);
  add_mmck(list);
  add_erlang_b(list);
}

}  // namespace headgate::sim::theory
