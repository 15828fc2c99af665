// A message of librdkafka, owned, and what it says as a record of ours.
#pragma once

#include <memory>

#include "headgate/messaging/record.hpp"

struct rd_kafka_message_s;
struct rd_kafka_topic_partition_list_s;

namespace headgate::kafka {

struct MessageDeleter {
  void operator()(rd_kafka_message_s* message) const noexcept;
};
using Message = std::unique_ptr<rd_kafka_message_s, MessageDeleter>;

struct PartitionListDeleter {
  void operator()(rd_kafka_topic_partition_list_s* list) const noexcept;
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_s, PartitionListDeleter>;

/// A copy. Requires: the message is no error.
[[nodiscard]] messaging::StoredRecord to_record(const rd_kafka_message_s& message);

}  // namespace headgate::kafka
