// Cases of one server with services or arrivals of any distribution.
#include <fmt/format.h>

#include <numbers>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

std::string served(double load, std::string_view time, std::uint64_t jobs) {
  return to_scenario(
      Direct{.arrivals = poisson(load), .body = fmt::format("time: {}", time), .jobs = jobs});
}

void add_md1(CaseList& list) {
  list.family({"M/D/1", "the wait as a sum over the lengths of the queue",
               "A. K. Erlang, 1909; G. J. Franx, Oper. Res. Letters 29, 2001"});
  const auto wait = [](double load, double p) { return quantile(md1_wait_tail(load), p); };
  list.add_quick(
      "load 0.5", served(.5, kConstant, 30'000),
      {time_claim("queue_time.mean", mg1_wait(.5, 0), .01),
       time_claim("queue_time.p90", wait(.5, .9), .02),
       time_claim("queue_time.p99", wait(.5, .99), .02), count_claim("waited_share", .5, .01)});
  list.add("load 0.8", served(.8, kConstant, 100'000),
           {time_claim("queue_time.mean", mg1_wait(.8, 0), .015),
            time_claim("queue_time.p50", wait(.8, .5), .02),
            time_claim("queue_time.p95", wait(.8, .95), .02),
            time_claim("queue_time.p99", wait(.8, .99), .03)});
  list.add("load 0.9", served(.9, kConstant, 150'000),
           {time_claim("queue_time.mean", mg1_wait(.9, 0), .02),
            time_claim("queue_time.p90", wait(.9, .9), .03)});
}

void add_mg1(CaseList& list) {
  list.family({"M/G/1", "Pollaczek and Khinchine: the mean wait by the service's variance",
               "F. Pollaczek, 1930; L. Kleinrock, Queueing Systems I, 1975, 5.7"});
  const auto add = [&list](const char* name, double load, const char* time, double cv2,
                           double tolerance) {
    list.add(fmt::format("{}, load {:g}", name, load), served(load, time, 100'000),
             {time_claim("queue_time.mean", mg1_wait(load, cv2), tolerance)});
  };
  list.add_quick("uniform, load 0.5", served(.5, "{uniform: [0ms, 2ms]}", 30'000),
                 {time_claim("queue_time.mean", mg1_wait(.5, 1.0 / 3), .01)});
  add("uniform", .8, "{uniform: [0ms, 2ms]}", 1.0 / 3, .015);
  add("erlang, 4 stages", .8, "{erlang: {mean: 1ms, stages: 4}}", .25, .015);
  add("gamma, cv2 2", .7, "{gamma: {mean: 1ms, cv2: 2}}", 2, .02);
  // Of shape 2: the ratio of gamma functions 4 / pi.
  add("weibull, shape 2", .8, "{weibull: {mean: 1ms, shape: 2}}", 4 / std::numbers::pi - 1, .015);
  add("lognormal, cv 1.5", .5, "{lognormal: {mean: 1ms, cv: 1.5}}", 2.25, .02);
  // 0.9 * 0.5^2 + 0.1 * 5.5^2 = 3.25 is the mean square.
  add("two constants", .7, "{mix: [[90%, {constant: 500us}], [10%, {constant: 5500us}]]}", 2.25,
      .02);
}

void add_mh21(CaseList& list) {
  list.family({"M/H2/1", "the two poles of Pollaczek's transform, balanced means",
               "L. Kleinrock, Queueing Systems I, 1975, 5.7"});
  const auto wait = [](double cv2, double load, double p) {
    return quantile(mh21_wait_tail(balanced_means(cv2), load), p);
  };
  list.add_quick("cv2 4, load 0.5", served(.5, "{hyperexponential: {mean: 1ms, cv2: 4}}", 60'000),
                 {time_claim("queue_time.mean", mg1_wait(.5, 4), .02),
                  time_claim("queue_time.p90", wait(4, .5, .9), .03),
                  time_claim("queue_time.p99", wait(4, .5, .99), .03)});
  list.add("cv2 10, load 0.5", served(.5, "{hyperexponential: {mean: 1ms, cv2: 10}}", 150'000),
           {time_claim("queue_time.mean", mg1_wait(.5, 10), .02),
            time_claim("queue_time.p95", wait(10, .5, .95), .03)});
  list.add("cv2 4, load 0.7", served(.7, "{hyperexponential: {mean: 1ms, cv2: 4}}", 150'000),
           {time_claim("queue_time.mean", mg1_wait(.7, 4), .02),
            time_claim("queue_time.p50", wait(4, .7, .5), .03),
            time_claim("queue_time.p90", wait(4, .7, .9), .03)});
}

void add_gm1(CaseList& list) {
  list.family({"D/M/1", "the response time is exponential of mean 1 / (1 - sigma)",
               "L. Kleinrock, Queueing Systems I, 1975, 6.4"});
  const auto add = [&list](double load, std::uint64_t jobs, double tolerance, bool quick) {
    const double sigma = paced_sigma(load);
    const Tail tail = mmc_response_tail({1, sigma});
    auto scenario = to_scenario(
        Direct{.arrivals = paced(load), .body = "time: {exponential: 1ms}", .jobs = jobs});
    std::vector<Claim> claims{time_claim("response_time.mean", 1 / (1 - sigma), tolerance),
                              time_claim("response_time.p99", quantile(tail, .99), .03),
                              {"waited_share", sigma, .005}};
    auto name = fmt::format("load {:g}", load);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(.5, 30'000, .01, true);
  add(.8, 100'000, .01, false);
  add(.9, 100'000, .02, false);
}

}  // namespace

void add_general_cases(CaseList& list) {
  add_md1(list);
  add_mg1(list);
  add_mh21(list);
  add_gm1(list);
}

}  // namespace headgate::sim::theory
