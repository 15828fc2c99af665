// What the replicas of a partition do to a batch: whether it is let in, and when all that must have
// it have it.
//
// A record is committed when *every* in-sync replica has it, so acks=all waits for the slowest of
// them, not for a majority; min_insync only says how many there must be for a batch to be let in. A
// follower that is down holds commits up until it has lagged for replica.lag.time.max (30 s) and is
// out of sync; it is in sync again when it is back. Outages are known from the start of a run, so
// both questions are answered in closed form, without an event. Source: Apache Kafka documentation,
// "Replicated Logs: Quorums, ISRs, and State Machines".
#pragma once

#include <algorithm>
#include <cstdint>

#include "headgate/core/random.hpp"
#include "headgate/sim/topic_plan.hpp"

namespace headgate::sim {

class ReplicaSet {
 public:
  static constexpr Duration kLagMax = std::chrono::seconds{30};

  explicit ReplicaSet(const TopicPlan& plan) noexcept : plan_(&plan) {}

  /// When the leader of `partition` takes a batch that reaches it at `at`; TimePoint::max(): never.
  [[nodiscard]] TimePoint admitted(std::uint32_t partition, TimePoint at) const noexcept {
    for (;;) {
      const TimePoint before = at;
      for (const Outage& outage : plan_->partitions[partition]) {
        if (outage.covers(at)) at = outage.until;
      }
      if (plan_->config.acks == config::Acks::kAll && in_sync(at) < plan_->config.min_insync) {
        at = next_return(at);
      }
      if (at == before || at == TimePoint::max()) return at;
    }
  }

  /// When a batch that the leader appends at `at` is with every replica in sync. One draw for each
  /// follower, whatever their state.
  [[nodiscard]] TimePoint replicated(TimePoint at, Random& random) const noexcept {
    TimePoint last = at;
    for (const Outages& outages : plan_->followers) {
      const Duration fetch = plan_->config.follower.sample(random);
      last = std::max(last, fetched(outages, at, fetch));
    }
    return last;
  }

 private:
  static bool is_out(const Outage& outage, TimePoint at) noexcept {
    return outage.covers(at) && at - outage.from >= kLagMax;
  }
  static TimePoint fetched(const Outages& outages, TimePoint at, Duration fetch) noexcept {
    for (const Outage& outage : outages) {
      if (!outage.covers(at)) continue;
      if (is_out(outage, at)) return at;  // nobody waits for it
      const TimePoint dropped = outage.from + kLagMax;
      return outage.until < dropped ? outage.until + fetch : dropped;
    }
    return at + fetch;
  }
  [[nodiscard]] std::uint32_t in_sync(TimePoint at) const noexcept {
    std::uint32_t count = 1;
    for (const Outages& outages : plan_->followers) {
      count +=
          std::ranges::none_of(outages, [at](const Outage& o) { return is_out(o, at); }) ? 1 : 0;
    }
    return count;
  }
  [[nodiscard]] TimePoint next_return(TimePoint at) const noexcept {
    TimePoint next = TimePoint::max();
    for (const Outages& outages : plan_->followers) {
      for (const Outage& outage : outages) {
        if (is_out(outage, at)) next = std::min(next, outage.until);
      }
    }
    return next;
  }

  const TopicPlan* plan_;
};

}  // namespace headgate::sim
