// Makes topics and lists them.
#pragma once

#include <string>
#include <vector>

#include "headgate/kafka/handle.hpp"

namespace headgate::kafka {

struct TopicInfo {
  std::string name;
  int partitions = 0;
};

/// Every topic of the cluster, or only `topic`. Fails with kTimeout or kUnavailable if no broker
/// answers within `limit`. Thread-safe.
[[nodiscard]] Result<std::vector<TopicInfo>> list_topics(rd_kafka_s* handle, Duration limit,
                                                         const std::string& topic = {});

/// Makes `topic` with one partition and the cluster's default replication; fine if it is there.
/// Returns when it can be written to. Thread-safe.
[[nodiscard]] Result<void> create_topic(rd_kafka_s* handle, const std::string& topic,
                                        Duration limit);

}  // namespace headgate::kafka
