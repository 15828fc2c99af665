// What a scenario says of a Kafka cluster: its topics and who reads them.
//
// The defaults are those of librdkafka 2 (CONFIGURATION.md) for what a client sets and of Kafka for
// what a broker does; times of the hardware have no default but zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/arrival/distribution.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"

namespace headgate::config {

enum class Acks : std::uint8_t { kNone, kLeader, kAll };
enum class Assignment : std::uint8_t { kRange, kRoundRobin };

/// Keys 0 to count - 1 as decimal text; key k is drawn with a weight of 1 / (k + 1)^zipf.
struct KeysConfig {
  std::uint64_t count = 0;
  double zipf = 0;  ///< 0: all alike
};

/// A batch is sent with so many records, or so many bytes, whichever comes first.
struct BatchConfig {
  std::uint32_t records = 10'000;
  Bytes bytes{1'000'000};
};

struct FetchConfig {
  Duration wait = std::chrono::milliseconds{500};  ///< at most, for min_bytes
  Bytes min_bytes{1};
  std::uint32_t max_records = 500;  ///< of one answer; the next is asked for when fewer are left
};

/// Records beyond it are gone, read or not.
struct RetentionConfig {
  Duration time = std::chrono::hours{7 * 24};
  std::optional<Bytes> bytes = {};  ///< of one partition
};

struct BrokerTopicConfig {
  std::string name = {};
  std::uint32_t partitions = 1;
  // The producer.
  Duration linger = std::chrono::milliseconds{5};  ///< from the first record of a batch
  BatchConfig batch = {};
  Bytes record{100};                    ///< size of a record
  std::uint32_t buffer = 100'000;       ///< records not yet acknowledged; beyond it: refused
  std::uint32_t in_flight = 1'000'000;  ///< requests of a partition under way
  Duration message_timeout = std::chrono::minutes{5};
  Acks acks = Acks::kAll;
  std::optional<KeysConfig> keys = {};  ///< nothing: partitions in turn
  // The brokers.
  arrival::Distribution network = {};   ///< one way
  arrival::Distribution append = {};    ///< of a batch to its partition, one after another
  arrival::Distribution follower = {};  ///< until a follower has fetched a batch
  std::uint32_t replicas = 1;
  std::uint32_t min_insync = 1;
  RetentionConfig retention = {};
  // The group.
  std::uint32_t consumers = 1;
  arrival::Distribution process = {};  ///< of one record; a consumer takes one at a time
  FetchConfig fetch = {};
  Assignment assignment = Assignment::kRange;
  Duration commit = std::chrono::seconds{5};  ///< between two commits; zero: after each record
  Duration session_timeout = std::chrono::seconds{45};
  Duration rebalance = std::chrono::seconds{3};  ///< nobody reads for so long
};

/// Who works a queue of the gateway off; what the queue does is in the gateway's file.
struct BrokerQueueConfig {
  std::string name = {};
  std::uint32_t consumers = 1;
  arrival::Distribution process = {};  ///< of one message; a consumer takes one at a time
  Share fails = {};                    ///< of deliveries: given back
  Share crashes = {};                  ///< of deliveries: never heard of again
  Duration retry_delay{};              ///< after which a failed message is delivered again
};

/// Who handles the events that the gateway publishes, one at a time.
struct SubscriberConfig {
  std::string name = {};
  std::string to = {};                 ///< a pattern of topics: `orders.*`
  arrival::Distribution process = {};  ///< of one event
};

struct BrokerConfig {
  std::vector<BrokerTopicConfig> topics = {};
  std::vector<BrokerQueueConfig> queues = {};
  std::vector<SubscriberConfig> subscribers = {};
};

}  // namespace headgate::config
