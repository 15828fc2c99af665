// A topic of the simulated Kafka cluster: its producer, its partitions, its group of consumers.
//
// The producer keeps one batch open per partition. The batch is sent when `linger` has passed since
// its *first* record, or when it is full; requests of one partition are appended in their order,
// committed in their order and answered in their order, so their times are known when they are sent
// and each costs two events, however many records it carries.
//
// Simplified: every partition has a connection of its own (a real broker answers the requests of
// one connection one by one); a leader that is away is waited for, no other replica takes its
// place.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "headgate/sim/broker_timers.hpp"
#include "headgate/sim/consumer_group.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/partition.hpp"
#include "headgate/sim/replica_set.hpp"
#include "headgate/sim/topic_outcome.hpp"
#include "headgate/sim/topic_plan.hpp"

namespace headgate::sim {

/// What became of a record that somebody waits for.
struct Acknowledged {
  std::uint32_t waiter = kNobody;
  bool ok = true;
};

/// What a publisher says of its record.
struct Published {
  std::uint64_t number = 0;        ///< of the request, for its draws
  std::uint32_t waiter = kNobody;  ///< that is to be told
  bool measured = false;
};

class TopicModel {
 public:
  /// `plan` outlives the model, which does not move.
  TopicModel(const TopicPlan& plan, std::uint64_t seed, BrokerTimers timers);
  TopicModel(const TopicModel&) = delete;
  TopicModel& operator=(const TopicModel&) = delete;

  /// Call once, first.
  void start();
  /// A record goes to the producer; false: its buffer is full.
  bool publish(const Published& record);
  /// Adds to `answers` what waiting requests learn.
  void on_event(const BrokerEvent& event, std::vector<Acknowledged>& answers);

  /// The measured stretch begins or ends.
  void measure(bool on);
  /// Asserts that every record is accounted for.
  void check_books() noexcept;
  /// What was measured since the last call.
  [[nodiscard]] TopicOutcome take_outcome() { return std::exchange(outcome_, TopicOutcome{}); }
  /// Records that the producer took, since the start.
  [[nodiscard]] std::uint64_t published() const noexcept { return published_; }
  [[nodiscard]] std::uint64_t lag() const noexcept { return group_.lag(); }

 private:
  [[nodiscard]] TimePoint now() const noexcept { return timers_.now(); }
  [[nodiscard]] std::uint32_t partition_of(std::uint64_t number) noexcept;
  void send_ready(std::uint32_t index);
  void send(std::uint32_t index, std::uint64_t count);
  [[nodiscard]] bool place(std::uint32_t index, std::uint64_t until);
  void on_committed(std::uint32_t index);
  void on_acked(std::uint32_t index, std::vector<Acknowledged>& answers);

  const TopicPlan* plan_;
  BrokerTimers timers_;
  ReplicaSet replicas_;
  Draws key_draws_;
  Draws request_draws_;
  std::vector<Partition> partitions_;
  TopicOutcome outcome_;
  ConsumerGroup group_;
  std::uint64_t batch_max_ = 1;              // records
  std::uint64_t buffered_ = 0;               // records not yet answered
  std::uint64_t turn_ = 0;                   // records without a key so far
  std::vector<std::uint64_t> to_partition_;  // records sent while measuring
  std::uint64_t published_ = 0;
  bool measuring_ = false;
};

}  // namespace headgate::sim
