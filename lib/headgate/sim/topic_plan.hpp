// A topic of the simulated Kafka cluster, compiled: what its scenario says, the partitions' shares,
// and when which part of it is out of order.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "headgate/config/broker_config.hpp"
#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::sim {

/// A stretch of the run: from <= t < until.
struct Outage {
  TimePoint from{};
  TimePoint until = TimePoint::max();
  double slow = 0;  ///< of a consumer: so many times as slow; 0: it is down

  [[nodiscard]] bool covers(TimePoint at) const noexcept { return from <= at && at < until; }
};

/// Each sorted by its start, none of one thing overlapping.
using Outages = std::vector<Outage>;

struct TopicPlan {
  config::BrokerTopicConfig config;
  std::vector<double> share_up_to;  ///< by partition, those before it included; empty: in turn
  std::vector<Outages> consumers;   ///< by consumer
  std::vector<Outages> partitions;  ///< by partition: its leader is away
  std::vector<Outages> followers;   ///< by follower: replica 1 and up

  /// Records per second that the group can process without falling behind in any partition.
  [[nodiscard]] double capacity_per_s() const;
};

/// What a part of a topic suffers.
struct TopicFault {
  enum class Part : std::uint8_t { kConsumer, kPartition, kReplica };
  Duration at{};
  std::optional<Duration> length = {};  ///< nothing: to the end
  std::string topic = {};
  Part part = Part::kConsumer;
  std::uint32_t index = 0;
  double slow = 0;         ///< as in Outage
  std::string where = {};  ///< for messages: its path in the scenario
};

/// Whether the fault's target is a part of a topic: `topics/requests/consumers/0`.
[[nodiscard]] bool is_of_topic(const config::FaultConfig& fault) noexcept;

/// The fault of a part of a topic: consumers (down or slow), partitions (down: its leader is away),
/// replicas (down; 0 is the leader, so 1 and up). Fails with kInvalidConfig.
[[nodiscard]] Result<TopicFault> topic_fault(const config::FaultConfig& fault,
                                             const config::BrokerConfig& broker,
                                             const std::string& where);

/// Compiles the topics and their faults. Fails with kInvalidConfig if two faults of one thing
/// overlap.
[[nodiscard]] Result<std::vector<TopicPlan>> make_topic_plans(const config::BrokerConfig& broker,
                                                              std::span<const TopicFault> faults);

/// The same, with the scenario's own faults.
[[nodiscard]] Result<std::vector<TopicPlan>> make_topic_plans(
    const config::ScenarioConfig& scenario);

/// The partitions of each of `members` consumers, in order, when all are there.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> assign(config::Assignment how,
                                                             std::uint32_t partitions,
                                                             std::uint32_t members);

}  // namespace headgate::sim
