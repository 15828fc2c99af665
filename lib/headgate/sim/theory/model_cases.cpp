// Cases of what else the model has: disciplines, impatience, parts of a request, the gateway's own
// processor, its cache and the network.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

void add_sharing(CaseList& list) {
  list.family({"processor sharing", "1 / (1 - load), whatever the distribution of the service",
               "L. Kleinrock, Queueing Systems II, 1976, 4.4"});
  const auto add = [&list](const char* kind, double load, std::string_view time, bool quick) {
    auto scenario =
        to_scenario(Direct{.arrivals = poisson(load),
                           .body = fmt::format("discipline: processor_sharing, time: {}", time)});
    std::vector<Claim> claims{time_claim("response_time.mean", 1 / (1 - load), .015)};
    auto name = fmt::format("{}, load {:g}", kind, load);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add("exponential", .5, kExponential, true);
  add("constant", .8, kConstant, false);
  add("exponential", .7, kExponential, false);
  add("hyperexponential", .7, "{hyperexponential: {mean: 1ms, cv2: 4}}", false);
  add("lognormal", .7, "{lognormal: {mean: 1ms, cv: 1}}", false);
}

void add_lifo(CaseList& list) {
  list.family({"last come, first served",
               "the mean wait is that of any order that knows no service times",
               "L. Kleinrock, Queueing Systems II, 1976, 3.4"});
  const auto add = [&list](double load, std::string_view time, double cv2, bool quick) {
    auto scenario = to_scenario(
        Direct{.arrivals = poisson(load), .body = fmt::format("discipline: lifo, time: {}", time)});
    std::vector<Claim> claims{time_claim("queue_time.mean", mg1_wait(load, cv2), .02),
                              {"waited_share", load, .005}};
    auto name = fmt::format("load {:g}, cv2 {:g}", load, cv2);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(.5, kExponential, 1, true);
  add(.7, kConstant, 0, false);
}

void add_patience(CaseList& list) {
  list.family({"impatience", "Erlang A, M/M/c + M: who leaves, and how long the queue is",
               "A. Mandelbaum, S. Zeltyn, Service engineering in action, 2007"});
  const auto add = [&list](Servers servers, double patience, bool quick) {
    const Impatient exact = erlang_a(servers, patience);
    auto scenario = to_scenario(
        Direct{.arrivals = poisson(servers.work),
               .body = fmt::format("servers: {}, time: {}, patience: {{exponential: {:g}ms}}",
                                   servers.count, kExponential, patience)});
    std::vector<Claim> claims{
        loss_claim("timed_out_share", exact.gone),
        count_claim("services.s.queue.mean", exact.wait * servers.work, .02),
        // All wait for `wait` in the mean, and who stays is served too.
        time_claim("response_time.mean", exact.wait + 1 - exact.gone, .01),
        {"waited_share", (exact.waited - exact.gone) / (1 - exact.gone), .005}};
    auto name = fmt::format("{} servers, work {:g}, patience {:g} ms", servers.count, servers.work,
                            patience);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add({10, 10}, 2, true);
  add({10, 9}, 2, false);
  add({10, 12}, 2, false);
  add({20, 20}, 2, false);
}

void add_priorities(CaseList& list) {
  list.family({"priorities", "Cobham: R / ((1 - before) (1 - before - own)), none interrupted",
               "A. Cobham, Oper. Res. 2, 1954"});
  constexpr std::array kLoads{.3, .3};
  constexpr std::array kThree{.2, .3, .2};
  const auto scenario = [](double load, const char* classes) {
    return fmt::format("requests: {}\n", classes) +
           to_scenario(Direct{.arrivals = poisson(load),
                              .body = "discipline: priority, time: {exponential: 1ms}"});
  };
  const auto claim = [](const char* name, double wait) {
    return time_claim(fmt::format("classes.{}.response_time.mean", name), 1 + wait, .02);
  };
  list.add_quick("two classes, load 0.6",
                 scenario(.6, "[{name: a, priority: 0}, {name: b, priority: 1}]"),
                 {claim("a", priority_wait(kLoads, 0)), claim("b", priority_wait(kLoads, 1))});
  list.add("three classes, load 0.7",
           scenario(.7,
                    "[{name: a, priority: 0, weight: 2}, {name: b, priority: 1, weight: 3}, "
                    "{name: c, priority: 2, weight: 2}]"),
           {claim("a", priority_wait(kThree, 0)), claim("b", priority_wait(kThree, 1)),
            claim("c", priority_wait(kThree, 2))});
}

void add_fan_out(CaseList& list) {
  list.family({"fork and join", "H_n of n free servers; (12 - load) / 8 / (1 - load) of two queues",
               "R. Nelson, A. Tantawi, IEEE Trans. Comput. 37(6), 1988"});
  for (const std::uint32_t legs : {4U, 16U, 100U}) {
    auto name = fmt::format("{} legs, free servers", legs);
    auto scenario = to_scenario(
        Direct{.arrivals = poisson(.5),
               .body = fmt::format("servers: 10000, fan_out: {}, time: {}", legs, kExponential),
               .jobs = 10'000});
    std::vector<Claim> claims{
        time_claim("response_time.mean", harmonic(legs), .01),
        time_claim("response_time.p99", quantile(last_of_tail(legs), .99), .02)};
    if (legs == 4) {
      list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    } else {
      list.add(std::move(name), std::move(scenario), std::move(claims));
    }
  }
  for (const double load : {.5, .8}) {
    list.add(fmt::format("2 legs, two queues, load {:g}", load),
             to_scenario(Direct{.arrivals = poisson(load),
                                .body = "targets: 2, fan_out: 2, time: {exponential: 1ms}"}),
             {time_claim("response_time.mean", fork_join_pair(load), .015)});
  }
}

void add_tandem(CaseList& list) {
  list.family({"queues in a row", "Jackson: the gateway's processor and the service, independent",
               "J. R. Jackson, Oper. Res. 5, 1957; E. Reich, Ann. Math. Stat. 28, 1957"});
  const auto direct = [](double load) {
    return to_scenario(Direct{.arrivals = poisson(load), .body = "time: {exponential: 1ms}"});
  };
  const Tail half = tandem_tail(1.5, .5);
  list.add_quick("processor of twice the speed, load 0.5",
                 direct(.5) + "gateways: {cores: 1, time: {exponential: 500us}}\n",
                 {time_claim("response_time.mean", 1 / 1.5 + 1 / .5, .01),
                  time_claim("response_time.p99", quantile(half, .99), .02)});
  // Two cores of half the speed: M/M/2 before M/M/1.
  list.add("two cores, load 0.7", direct(.7) + "gateways: {cores: 2, time: {exponential: 2ms}}\n",
           {time_claim("response_time.mean", 2 * (1 + mmc_wait({2, 1.4})) + 1 / .3, .015)});
  list.add("cache of half of the requests, load 0.6",
           to_scenario(Direct{
               .arrivals = poisson(1.2),
               .body = "time: {exponential: 1ms}, cache: {hits: 50%, time: {constant: 100us}}"}),
           {time_claim("response_time.mean", .5 * .1 + .5 / .4, .01)});
  list.add("network of 1 ms each way, load 0.5",
           direct(.5) + "network: {latency: {constant: 1ms}}\n",
           {time_claim("response_time.mean", 2 + 2, .01),
            time_claim("response_time.p99", 2 + quantile(mmc_response_tail({1, .5}), .99), .02)});
}

void add_hedges(CaseList& list) {
  list.family({"hedging", "exp(-t), from the delay on exp(-2 t + delay)",
               "J. Dean, L. Barroso, CACM 56(2), 2013"});
  const auto add = [&list](double delay, bool quick) {
    const Tail tail = hedged_tail(delay);
    const double sent = 1 + std::exp(-delay);
    auto scenario = to_scenario(
        Direct{.arrivals = poisson(5),
               .body = "servers: 1000, time: {exponential: 1ms}",
               .clients = fmt::format("hedge: {{delay: {:.0f}us, budget: 100%}}", delay * 1000)});
    std::vector<Claim> claims{
        // The second takes the rest of the first's exponential time, or ends it sooner.
        time_claim("response_time.mean", 1 - std::exp(-delay) / 2, .01),
        time_claim("response_time.p99", quantile(tail, .99), .02),
        count_claim("attempts_per_request", sent, .01),
        count_claim("services.s.utilisation", 5 * sent / 1000, .01)};
    auto name = fmt::format("second try after {:g} ms", delay);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(2.996, true);
  add(1, false);
}

}  // namespace

void add_model_cases(CaseList& list) {
  add_sharing(list);
  add_lifo(list);
  add_patience(list);
  add_priorities(list);
  add_fan_out(list);
  add_tandem(list);
  add_hedges(list);
}

}  // namespace headgate::sim::theory
