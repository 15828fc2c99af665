// Cases of balancers before equal exponential servers, each with a queue of its own. The balancers
// are the gateway's.
#include <fmt/format.h>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

std::string balanced(std::uint32_t targets, double load, std::string_view balance,
                     std::uint64_t jobs, std::string run = {}) {
  return to_scenario(Direct{
      .arrivals = poisson(targets * load),
      .body = fmt::format("targets: {}, time: {}, balance: {{{}}}", targets, kExponential, balance),
      .jobs = jobs,
      .run = std::move(run)});
}

std::string size_text(std::uint32_t targets, double load) {
  return fmt::format("{} targets, load {:g}", targets, load);
}

void add_round_robin(CaseList& list) {
  list.family({"round robin", "each of k servers is an E_k/M/1 queue",
               "L. Kleinrock, Queueing Systems I, 1975, 6.4"});
  const auto add = [&list](std::uint32_t targets, double load, std::uint64_t jobs) {
    const double sigma = erlang_arrivals_sigma(load, targets);
    const Tail tail = mmc_response_tail({1, sigma});
    list.add(size_text(targets, load), balanced(targets, load, "policy: round_robin", jobs),
             {time_claim("response_time.mean", 1 / (1 - sigma), .015),
              time_claim("response_time.p99", quantile(tail, .99), .03)});
  };
  const double golden = erlang_arrivals_sigma(.5, 2);
  list.add_quick(size_text(2, .5), balanced(2, .5, "policy: round_robin", 30'000),
                 {time_claim("response_time.mean", 1 / (1 - golden), .01)});
  add(2, .8, 100'000);
  add(4, .8, 100'000);
  add(10, .8, 100'000);
  add(100, .8, 100'000);
  list.add(size_text(10, .9), balanced(10, .9, "policy: round_robin", 200'000),
           {time_claim("response_time.mean", 1 / (1 - erlang_arrivals_sigma(.9, 10)), .02)});
}

void add_random(CaseList& list) {
  list.family({"random split", "each server is an M/M/1 queue", "J. Kingman, Poisson Processes"});
  const Tail tail = mmc_response_tail({1, .5});
  const auto add = [&](const char* policy, bool quick) {
    std::vector<Claim> claims{time_claim("response_time.mean", 2, .01),
                              time_claim("response_time.p99", quantile(tail, .99), .02)};
    auto scenario = balanced(10, .5, fmt::format("policy: {}", policy), 50'000);
    auto name = fmt::format("{}, {}", policy, size_text(10, .5));
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add("random", true);
  add("weighted_random", false);
  // Without a gateway every request is a caller of its own: a hash is a random draw.
  add("rendezvous", false);
  add("maglev", false);
  list.add("random, 10 targets, load 0.8", balanced(10, .8, "policy: random", 150'000),
           {time_claim("response_time.mean", 5, .02)});
}

void add_few_choices(CaseList& list) {
  list.family({"shortest of few", "the Markov chain of the sorted queues, solved numerically",
               "J. Kingman, Ann. Math. Stat. 32, 1961, for the pair"});
  const auto add = [&list](std::uint32_t targets, std::uint32_t choices, double load,
                           const char* policy, std::uint32_t longest) {
    list.add(fmt::format("{}, {}", policy, size_text(targets, load)),
             balanced(targets, load, fmt::format("policy: {}", policy), 50'000),
             {time_claim("response_time.mean",
                         shortest_of_response(targets, choices, load, longest), .015)});
  };
  list.add_quick("least_requests, 2 targets, load 0.5",
                 balanced(2, .5, "policy: least_requests", 30'000),
                 {time_claim("response_time.mean", shortest_of_response(2, 2, .5, 30), .01)});
  add(2, 2, .8, "two_choices", 60);
  add(3, 3, .8, "least_requests", 36);
  add(3, 2, .7, "two_choices", 30);
  add(4, 3, .7, "choices, d: 3", 18);
}

void add_mean_field(CaseList& list) {
  list.family({"choices of many", "the mean field: load^((d^i - d) / (d - 1)) summed over i",
               "N. Vvedenskaya et al., 1996; M. Mitzenmacher, IEEE TPDS 12(10), 2001"});
  constexpr std::uint32_t kMany = 1000;  // the limit is then right to 0.1 % at load 0.9
  const auto add = [&list](std::uint32_t choices, double load, double tolerance, bool quick) {
    const Tail tail = mean_field_response_tail(load, choices);
    std::vector<Claim> claims{
        time_claim("response_time.mean", mean_field_response(load, choices), tolerance),
        time_claim("response_time.p99", quantile(tail, .99), .02),
        {"waited_share", choices == 2 ? load * load : load * load * load, .005}};
    const std::string balance =
        choices == 2 ? "policy: two_choices" : fmt::format("policy: choices, d: {}", choices);
    auto name = fmt::format("d = {}, {}", choices, size_text(kMany, load));
    // From empty the queues take some dozens of service times to fill.
    auto scenario = balanced(kMany, load, balance, 100'000, ", warmup: 60ms");
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(2, .5, .01, true);
  add(2, .8, .01, false);
  add(2, .9, .015, false);
  add(3, .7, .01, false);
  add(3, .9, .015, false);
}

}  // namespace

void add_balance_cases(CaseList& list) {
  add_round_robin(list);
  add_random(list);
  add_few_choices(list);
  add_mean_field(list);
}

}  // namespace headgate::sim::theory
