// Cases of arrivals that are neither Poisson nor evenly spaced.
#include <fmt/format.h>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

// Batches of `size` to one exponential server.
std::string batches(std::string_view every, std::uint32_t size) {
  return to_scenario(
      Direct{.arrivals = fmt::format("{{batch: {{every: {}, size: {}}}}}", every, size),
             .body = fmt::format("time: {}", kExponential)});
}

void add_batches(CaseList& list) {
  list.family({"batches", "M^[b]/M/1: (b + 1) / (2 (1 - load))",
               "D. Gross, C. Harris, Fundamentals of Queueing Theory, 1974, 3.1"});
  const auto add = [&list](std::uint32_t size, double load, bool quick) {
    auto name = fmt::format("of {}, load {:g}", size, load);
    auto scenario = batches(fmt::format("{{exponential: {:.0f}ns}}", size / load * kUnitNs), size);
    std::vector<Claim> claims{time_claim("response_time.mean", batch_response(load, size), .02)};
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(2, .5, true);
  add(5, .5, false);
  add(10, .5, false);
  add(2, .8, false);
}

void add_renewals(CaseList& list) {
  list.family({"G/M/1", "sigma = A*(1 - sigma) of gaps that are not exponential",
               "L. Kleinrock, Queueing Systems I, 1975, 6.4"});
  const auto add = [&list](std::string name, std::string_view gap, double sigma, bool quick) {
    const Tail tail = mmc_response_tail({1, sigma});
    std::vector<Claim> claims{time_claim("response_time.mean", 1 / (1 - sigma), .02),
                              time_claim("response_time.p99", quantile(tail, .99), .03)};
    auto scenario = batches(gap, 1);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add("erlang gaps of 3 stages, load 0.5", "{erlang: {mean: 2ms, stages: 3}}",
      erlang_arrivals_sigma(.5, 3), true);
  add("hyperexponential gaps, cv2 4, load 0.5", "{hyperexponential: {mean: 2ms, cv2: 4}}",
      hyperexponential_arrivals_sigma(.5, balanced_means(4)), false);
}

}  // namespace

void add_arrival_cases(CaseList& list) {
  add_batches(list);
  add_renewals(list);
}

}  // namespace headgate::sim::theory
