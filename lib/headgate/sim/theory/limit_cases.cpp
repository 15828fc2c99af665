// Cases of rate limits under Poisson arrivals. The limiters are the gateway's, set up by a
// gateway's config.
#include <fmt/format.h>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

// Poisson arrivals of `load` per millisecond at a route with that limit.
std::string limited(double load, const std::string& limit, std::uint64_t jobs = 40'000) {
  return to_scenario(Gatewayed{
      .arrivals = poisson(load), .filter = fmt::format("rate_limit: {{{}}}", limit), .jobs = jobs});
}

std::string bucket(std::uint32_t burst) {
  return fmt::format("algorithm: token_bucket, rate: 1000/s, burst: {}", burst);
}

void add_token_bucket(CaseList& list) {
  list.family({"token bucket", "loss of M/D/1/B: missing tokens are work in a queue",
               "J. Turner, IEEE Comm. Mag. 24(10), 1986; embedded chain of M/D/1/K"});
  struct Point {
    std::uint32_t burst;
    double load;
  };
  constexpr Point kPoints[] = {{1, .5},    {1, .8},    {1, 1},     {1, 1.5},  {1, 2},    {2, .5},
                               {2, .8},    {2, 1},     {2, 1.25},  {2, 2},    {5, .8},   {5, .9},
                               {5, 1},     {5, 1.1},   {5, 1.5},   {10, .9},  {10, 1},   {10, 1.1},
                               {10, 1.25}, {20, 1.1},  {20, 1.25}, {20, 1.5}, {50, 1.1}, {50, 1.25},
                               {100, 1.1}, {100, 1.25}};
  for (const auto& [burst, load] : kPoints) {
    auto name = fmt::format("burst {}, load {:g}", burst, load);
    auto scenario = limited(load, bucket(burst));
    std::vector<Claim> claims{loss_claim("refused_share", md1k(load, burst).refused)};
    if (load == 1 && burst <= 5) {
      list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    } else {
      list.add(std::move(name), std::move(scenario), std::move(claims));
    }
  }
  // The same rule in other words: a leaky bucket has one place more than its burst, a strict window
  // earns what the burst leaves of its limit.
  list.add("leaky_bucket, burst 4, load 1",
           limited(1, "algorithm: leaky_bucket, rate: 1000/s, burst: 4"),
           {loss_claim("refused_share", md1k(1, 5).refused)});
  list.add("strict_window, burst 10 of 110 in 100 ms, load 1.1",
           limited(1.1, "algorithm: strict_window, limit: 110, window: 100ms, burst: 10"),
           {loss_claim("refused_share", md1k(1.1, 10).refused)});
}

void add_leaky_queue(CaseList& list) {
  list.family({"leaky queue", "M/D/1/K: what it refuses and how long it holds the rest",
               "ITU-T I.371 annex A; embedded chain of M/D/1/K"});
  const auto add = [&list](std::uint32_t burst, double load, bool quick) {
    const Finite exact = md1k(load, burst + 1);
    auto name = fmt::format("burst {}, load {:g}", burst, load);
    auto scenario =
        limited(load, fmt::format("algorithm: leaky_queue, rate: 1000/s, burst: {}", burst));
    // The wait, without the service of the queue but with the microsecond of the target.
    std::vector<Claim> claims{loss_claim("refused_share", exact.refused),
                              time_claim("response_time.mean", exact.response - 1 + .001, .015)};
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(4, .8, true);
  add(9, .9, false);
  add(9, 1.1, false);
  add(9, 1, false);
}

void add_windows(CaseList& list) {
  struct Point {
    std::uint32_t limit;
    double load;
  };
  constexpr Point kPoints[] = {{10, .8}, {10, 1},    {10, 1.2},  {100, .9},
                               {100, 1}, {100, 1.2}, {1000, 1.2}};
  const auto add = [&list](const char* algorithm, Point point, double exact) {
    auto name = fmt::format("limit {}, load {:g}", point.limit, point.load);
    auto scenario = limited(point.load, fmt::format("algorithm: {}, limit: {}, window: {}ms",
                                                    algorithm, point.limit, point.limit));
    std::vector<Claim> claims{loss_claim("refused_share", exact)};
    if (point.limit == 10 && point.load == 1) {
      list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    } else {
      list.add(std::move(name), std::move(scenario), std::move(claims));
    }
  };
  list.family({"sliding log", "Erlang B of limit servers that are busy for a window",
               "B. Sevastyanov, Theory Probab. Appl. 2(1), 1957"});
  for (const Point& point : kPoints) {
    add("sliding_log", point, erlang_b({point.limit, point.limit * point.load}));
  }
  list.family({"fixed window", "E[(N - limit)+] over E[N] for N Poisson", "by definition"});
  for (const Point& point : kPoints) {
    add("fixed_window", point, fixed_window_refused(point.limit, point.limit * point.load));
  }
}

void add_concurrency(CaseList& list) {
  list.family({"concurrency limit", "Erlang B before many servers, M/M/1/K before one",
               "B. Sevastyanov, Theory Probab. Appl. 2(1), 1957"});
  const auto add = [&list](Servers limit, const char* kind, std::string_view time, bool quick) {
    auto name = fmt::format("limit {}, work {:g}, {}", limit.count, limit.work, kind);
    auto scenario = to_scenario(Gatewayed{
        .arrivals = poisson(limit.work),
        .filter = fmt::format("rate_limit: {{algorithm: concurrency, limit: {}}}", limit.count),
        .body = fmt::format("servers: 1000, time: {}", time)});
    std::vector<Claim> claims{loss_claim("refused_share", erlang_b(limit))};
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add({10, 10}, "exponential", kExponential, true);
  add({10, 10}, "constant", kConstant, false);
  add({10, 10}, "hyperexponential", "{hyperexponential: {mean: 1ms, cv2: 4}}", false);
  add({100, 100}, "lognormal", "{lognormal: {mean: 1ms, cv: 1}}", false);
  const Finite one = mmck({1, .9}, 10);
  list.add("limit 10 before one server, load 0.9",
           to_scenario(Gatewayed{.arrivals = poisson(.9),
                                 .filter = "rate_limit: {algorithm: concurrency, limit: 10}",
                                 .body = "time: {exponential: 1ms}"}),
           {loss_claim("refused_share", one.refused),
            time_claim("response_time.mean", one.response, .015)});
}

}  // namespace

void add_limit_cases(CaseList& list) {
  add_token_bucket(list);
  add_leaky_queue(list);
  add_windows(list);
  add_concurrency(list);
}

}  // namespace headgate::sim::theory
