// Cases of a topic's producer: how batches fill, and what acknowledgements wait for.
#include <fmt/format.h>

#include "headgate/sim/theory/case_list.hpp"
#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

// Poisson records of `rate` per millisecond, published straight to a topic of one partition.
std::string produced(double rate, const std::string& topic) {
  return fmt::format(
      "arrivals: {}\npublish: t\nbroker:\n  topics:\n    t: {{{}}}\nrun: {{jobs: 40000}}\n",
      poisson(rate), topic);
}

}  // namespace

void add_kafka_cases(CaseList& list) {
  list.family({"producer batches", "1 + min(Poisson(rate * linger), records - 1) in a batch",
               "truncated Poisson; order statistics of the followers' times"});
  const auto add = [&list](double rate, std::uint32_t records, double linger, bool quick) {
    const Batching exact = batching(rate * linger, records);
    auto scenario = produced(
        rate, fmt::format("linger: {:g}ms, batch: {{records: {}}}, acks: \"1\"", linger, records));
    std::vector<Claim> claims{count_claim("topics.t.batch.mean", exact.size, .01),
                              time_claim("topics.t.produce_time.mean", exact.wait * linger, .01)};
    auto name = fmt::format("{:g}/ms, {} records, linger {:g} ms", rate, records, linger);
    if (quick) return list.add_quick(std::move(name), std::move(scenario), std::move(claims));
    list.add(std::move(name), std::move(scenario), std::move(claims));
  };
  add(1, 16, 5, true);
  add(10, 100, 5, false);
  add(10, 100, 10, false);
  add(.1, 100, 5, false);
  // All in-sync followers must have a batch: the slower of two, not the quicker.
  const Batching five = batching(5, 16);
  list.add("acks of all three replicas",
           produced(1,
                    "linger: 5ms, batch: {records: 16}, replicas: 3, min_insync: 2, follower: "
                    "{exponential: 1ms}, acks: all"),
           {time_claim("topics.t.produce_time.mean", five.wait * 5 + harmonic(2), .01)});
}

}  // namespace headgate::sim::theory
