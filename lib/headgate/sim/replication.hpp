// One replication: the plan carried out once on virtual time, from one seed.
//
// Clients call, the gateways' filters decide, the balancers pick, stations serve, answers return:
// some two dozen kinds of events, told apart by one switch. The policies are the production
// objects; what is modelled is only what surrounds them.
//
// The model's rules, where a choice had to be made:
// - A server does not notice that its client has gone: a request that timed out keeps its place in
//   the queue and its service time (as the sockets of real servers do; it is what makes retry
//   storms). For the balancer it is gone at once, as it is for the gateway that closed the
//   connection. A deadline travels with the request: what is past it is dropped from the queue.
// - A target that refuses for want of room answers 503, a response timeout is a 504; the gateway
//   makes such an attempt again if its service's `retry` says so, elsewhere if it can.
// - What is counted is the call of a client with all its tries: it has one outcome, and its
//   response time runs from its first try.
// - Arrivals end at the horizon and what is in the system is served to its end, so no slow request
//   is cut off and every mean is of whole requests.
// - A request belongs to the measured part if it was sent in it; rates and utilisations are taken
//   over the measured stretch of time.
//
// Every run asserts: each call has exactly one outcome; Little's law, as an identity of integers
// for the system and for each station; the utilisation law; the clock never goes back (engine.hpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/core/hash.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/sim/backlog.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/topic_outcome.hpp"
#include "headgate/stats/histogram.hpp"
#include "headgate/stats/totals.hpp"
#include "headgate/stats/warmup.hpp"

namespace headgate::sim {

class Recording;  // recording.hpp

/// What a target did in the measured stretch.
struct TargetOutcome {
  std::uint64_t picked = 0;  ///< attempts of measured requests that were sent to it
  Int128 busy_ns = 0;        ///< server-nanoseconds of work
  Int128 waiting_ns = 0;     ///< request-nanoseconds in its queue
};

/// What the measured requests asked of a service.
struct ServiceUse {
  std::uint64_t requests = 0;  ///< that its routes let pass
  std::uint64_t shed = 0;      ///< refused by its breaker, its limit of concurrency or its throttle
};

struct Outcome {
  stats::Totals totals;                ///< of the measured requests
  std::uint64_t warmup_requests = 0;   ///< sent before, simulated and not measured
  Duration length{};                   ///< of the measured stretch
  std::uint64_t answered_in_time = 0;  ///< answers within the measured stretch, whoever asked
  std::uint64_t ok_in_time = 0;        ///< those of them that were ok
  stats::Histogram response_time;      ///< of measured requests, ok or timed out, as clients saw it
  stats::Histogram queue_time;         ///< of measured attempts that were served: waiting before it
  std::uint64_t requests = 0;          ///< that measured calls sent: first tries, retries, hedges
  std::uint64_t hedges = 0;            ///< those of them that were second tries beside a first
  std::vector<std::optional<stats::Histogram>>
      classes;                                       ///< response_time by kind; if it has a name
  std::vector<std::vector<TargetOutcome>> services;  ///< as in the plan
  std::vector<ServiceUse> uses;                      ///< as in the plan
  std::vector<std::uint64_t> published;              ///< events per topic, warm-up included
  std::vector<TopicOutcome> topics;                  ///< of the plan's broker
  BusOutcome bus;
  std::optional<stats::Course> course;  ///< if the horizon asks for it
  bool interrupted = false;             ///< arrivals ended early because of `stop`
};

/// The seed of replication `number` of a run, the same at every point of it.
[[nodiscard]] inline std::uint64_t replication_seed(std::uint64_t run, std::uint64_t number) {
  return combine64(run, number);
}

/// Carries out `plan`. Equal plans and seeds give equal outcomes, on any thread. `stop` is looked
/// at now and then; once true, arrivals end at once and the run closes as at its horizon.
/// What happens is told to `recording`, if there is one; the outcome is the same with it.
/// Thread-safe: `plan` is only read. Cost: about 100 ns per request.
[[nodiscard]] Outcome replicate(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop,
                                Recording* recording = nullptr);

/// The same, its measured stretch cut into `sections` of equal length: what happened in each, in
/// order. A request is counted as sent in the section that it was sent in and as settled in the one
/// that it was settled in, so the totals of a section need not add up; those of all together are
/// exactly what replicate() would have given. `published` and `interrupted` stand in the last.
/// Requires: sections >= 1.
[[nodiscard]] std::vector<Outcome> replicate_sections(const Plan& plan, std::uint64_t seed,
                                                      const std::atomic<bool>& stop,
                                                      std::uint32_t sections);

}  // namespace headgate::sim
